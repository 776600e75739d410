using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Errors;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.MyAccount;

/// <summary>Something about one's own account that asks again who it is.</summary>
public sealed record ProofRequest
{
    public required string Title { get; init; }

    /// <summary>What will happen, in a sentence.</summary>
    public required string Effect { get; init; }

    /// <summary>The button.</summary>
    public required string Action { get; init; }
    public required SignedAction What { get; init; }
    public required Actor Actor { get; init; }

    /// <summary>Does it, with the password or confirmation.</summary>
    public required Func<string, CancellationToken, Task> Run { get; init; }
    public bool Destructive { get; init; }
}

/// <summary>Asks who is there, and does it; what is refused is said beside the field.</summary>
public sealed partial class ProofDialog
{
    private MudButton? _cancel;
    private string? _proof;
    private string? _error;
    private bool _busy;

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = default!;

    [Parameter, EditorRequired]
    public ProofRequest Request { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && _cancel is not null)
        {
            await _cancel.FocusAsync();
        }
    }

    private async Task RunAsync()
    {
        if (string.IsNullOrEmpty(_proof) || _busy)
        {
            return;
        }

        (_busy, _error) = (true, null);
        try
        {
            await Request.Run(_proof, Ending);
            Dialog.Close(DialogResult.Ok(true));
        }
        catch (RuleException refusal) when (Reauthentication.IsRefusal(refusal))
        {
            (_error, _proof) = (refusal.Reason.Render(), null);
        }
        catch (RuleException refusal)
        {
            Page.Refuse(refusal);
            Dialog.Cancel();
        }
        finally
        {
            _busy = false;
        }
    }
}

internal static class ProofDialogs
{
    /// <summary>Asks, and does it.</summary>
    /// <returns>Whether it was done.</returns>
    public static async Task<bool> AskProofAsync(this PageServices page, ProofRequest request) =>
        await page.AskAsync<ProofDialog, bool>(new DialogParameters<ProofDialog> { { dialog => dialog.Request, request } });
}
