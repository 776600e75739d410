using System.Globalization;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Errors;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.MyAccount;

/// <summary>Makes a personal token; closes with it.</summary>
public sealed partial class TokenDialog
{
    private TokenForm _form = default!;
    private ElementReference _first;
    private string? _proof;
    private string? _proofError;
    private bool _busy;

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Inject]
    private ApiTokens Tokens { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    private SignedAction What => new(SignedAction.TokenCreate, Actor.StaffId!.Value.ToString());

    protected override void OnInitialized() => _form = new TokenForm(Actor, Page.Time.GetUtcNow());

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await _first.FocusAsync();
        }
    }

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private async Task CreateAsync()
    {
        if (_busy)
        {
            return;
        }

        (_busy, _proofError) = (true, null);
        _form.Show(null);
        try
        {
            var wanted = _form.ToToken();
            var issued = await Tokens.CreateAsync(Actor, wanted, _proof, Ending);
            Dialog.Close(DialogResult.Ok(new ShownToken(wanted, issued)));
        }
        catch (InvalidInputException invalid)
        {
            _form.Show(invalid);
        }
        catch (RuleException refusal) when (Reauthentication.IsRefusal(refusal))
        {
            (_proofError, _proof) = (refusal.Reason.Render(), null);
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
