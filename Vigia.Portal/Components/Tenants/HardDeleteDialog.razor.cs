using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Deletion;
using Vigia.Core.Errors;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>
/// Deletes for good: who it is, what will go, and only then the typed name, the reason and the password. The safe choice has the focus.
/// Closes with the operation's id.
/// </summary>
public sealed partial class HardDeleteDialog
{
    private Dictionary<string, string> _errors = [];
    private MudButton? _cancel;
    private TenantContent? _content;
    private string _confirm = "";
    private string _reason = "";
    private string? _password;
    private bool _atOnce;
    private bool _busy;

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = default!;

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Inject]
    private TenantDeletion Deletion { get; set; } = default!;

    [Inject]
    private TenantContents Contents { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    private Tenant Row => Tenant.Row;

    private int Least => TenantDeletion.LeastRetention(Row);

    private int Days => Deletion.DefaultRetention;

    private bool NeedsSecond => Deletion.NeedsSecondPerson(Row);

    private bool IsComplete => _confirm.Trim() == Row.Subdomain && !string.IsNullOrWhiteSpace(_reason) && !string.IsNullOrEmpty(_password);

    protected override async Task OnInitializedAsync() => _content = await Contents.ReadAsync(Actor, Tenant.Id, Ending);

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && _cancel is not null)
        {
            await _cancel.FocusAsync();
        }
    }

    private string? Error(string field) => _errors.GetValueOrDefault(field);

    private string Invalid(string field) => _errors.ContainsKey(field) ? "true" : "false";

    private async Task DeleteAsync()
    {
        if (!IsComplete || _busy)
        {
            return;
        }

        _busy = true;
        try
        {
            var operation = await Deletion.DeleteAsync(Actor, Tenant.Id, new HardDelete(_confirm, _reason, _password!, _atOnce ? 0 : null), Ending);
            Dialog.Close(DialogResult.Ok(operation));
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
