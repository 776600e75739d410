using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Deletion;
using Vigia.Core.Errors;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Trash;

/// <summary>Destroys what need not be kept, with the typed name, a reason and the password; closes with the operation's id.</summary>
public sealed partial class PurgeDialog
{
    private Dictionary<string, string> _errors = [];
    private MudButton? _cancel;
    private string _confirm = "";
    private string _reason = "";
    private string? _password;
    private bool _busy;

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = default!;

    [Parameter, EditorRequired]
    public TrashedTenant Item { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Inject]
    private TrashService Trash { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    private bool IsComplete => _confirm.Trim() == Item.Subdomain && !string.IsNullOrWhiteSpace(_reason) && !string.IsNullOrEmpty(_password);

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && _cancel is not null)
        {
            await _cancel.FocusAsync();
        }
    }

    private string? Error(string field) => _errors.GetValueOrDefault(field);

    private string Invalid(string field) => _errors.ContainsKey(field) ? "true" : "false";

    private async Task PurgeAsync()
    {
        if (!IsComplete || _busy)
        {
            return;
        }

        _busy = true;
        try
        {
            Dialog.Close(DialogResult.Ok(await Trash.PurgeAsync(Actor, Item.Id, _confirm, _reason, _password!, Ending)));
        }
        catch (InvalidInputException invalid)
        {
            _errors = invalid.Errors.ToDictionary(error => error.Key, error => error.Value[0].Render());
        }
        catch (RuleException refusal) when (Reauthentication.IsRefusal(refusal))
        {
            _errors = new() { ["password"] = refusal.Reason.Render() };
            _password = null;
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
