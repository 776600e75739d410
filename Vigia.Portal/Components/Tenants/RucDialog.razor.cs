using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Errors;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>Corrects a wrong RUC; closes with true when that was done.</summary>
public sealed partial class RucDialog
{
    private Dictionary<string, string> _errors = [];
    private ElementReference _first;
    private string _ruc = "";
    private string _reason = "";
    private bool _busy;

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = default!;

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Inject]
    private TenantRucCorrection Correction { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await _first.FocusAsync();
        }
    }

    private string? Error(string field) => _errors.GetValueOrDefault(field);

    private string Invalid(string field) => _errors.ContainsKey(field) ? "true" : "false";

    private async Task CorrectAsync()
    {
        if (_busy)
        {
            return;
        }

        _busy = true;
        try
        {
            var changed = await Correction.CorrectAsync(Actor, Tenant.Id, _ruc, _reason, Ending);
            Page.Say(changed ? T["RucCorrected"] : T["AlreadySo"]);
            Dialog.Close(DialogResult.Ok(changed));
        }
        catch (InvalidInputException invalid)
        {
            _errors = invalid.Errors.ToDictionary(error => error.Key, error => error.Value[0].Render());
        }
        catch (RuleException refusal) when (refusal.Reason.Code == "ruc_taken")
        {
            _errors = new() { ["ruc"] = refusal.Reason.Render() };
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
