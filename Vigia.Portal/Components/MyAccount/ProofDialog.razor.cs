using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.Signatures;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.MyAccount;

/// <summary>An action on the person's own account that requires re-authentication.</summary>
public sealed record ProofRequest
{
    public required string Title { get; init; }

    /// <summary>The effect in one sentence.</summary>
    public required string Effect { get; init; }

    public required string Action { get; init; }
    public required SignedAction What { get; init; }
    public required Actor Actor { get; init; }

    /// <summary>Runs the action with the password or a confirmation.</summary>
    public required Func<string, CancellationToken, Task> Run { get; init; }
    public bool Destructive { get; init; }
}

/// <summary>Asks for re-authentication and runs the action. Shows a refusal beside the field.</summary>
public sealed partial class ProofDialog(PageNotices notices) : FormDialog(notices)
{
    private MudButton? _cancel;

    [Parameter, EditorRequired]
    public ProofRequest Request { get; set; } = default!;

    protected override string Subject => Request.Title;

    protected override IEnumerable<string> Missing => Lacking((IsSigned, Shared["Signature"]));

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && _cancel is not null)
        {
            await _cancel.FocusAsync();
        }
    }

    private async Task RunAsync()
    {
        if (!IsComplete)
        {
            return;
        }

        await SubmitAsync(async () =>
        {
            await Request.Run(Proof!, CancellationToken.None);
            Dialog.Close(DialogResult.Ok(true));
        });
    }
}

internal static class ProofDialogs
{
    /// <summary>Asks for re-authentication and runs the action.</summary>
    /// <returns>Whether the action was done.</returns>
    public static async Task<bool> AskProofAsync(this PageDialogs dialogs, ProofRequest request) =>
        await dialogs.AskAsync<ProofDialog, bool>(
            new DialogParameters<ProofDialog> { { dialog => dialog.Request, request } });
}
