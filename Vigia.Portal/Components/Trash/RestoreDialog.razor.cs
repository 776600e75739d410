using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Deletion;
using Vigia.Core.Errors;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Trash;

/// <summary>Takes a client back, under another sub-domain where the old one is taken; closes with the operation's id.</summary>
public sealed partial class RestoreDialog
{
    private MudButton? _cancel;
    private string _subdomain = "";
    private string? _error;
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

    protected override void OnInitialized() => _subdomain = Item.Subdomain;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && _cancel is not null)
        {
            await _cancel.FocusAsync();
        }
    }

    private async Task RestoreAsync()
    {
        if (_busy)
        {
            return;
        }

        (_busy, _error) = (true, null);
        try
        {
            var other = _subdomain.Trim() == Item.Subdomain ? null : _subdomain.Trim();
            Dialog.Close(DialogResult.Ok(await Trash.RestoreAsync(Actor, Item.Id, other, Ending)));
        }
        catch (InvalidInputException invalid)
        {
            _error = invalid.Errors.Values.First()[0].Render();
        }
        catch (RuleException refusal) when (refusal.Reason.Code is "subdominio_taken" or "ruc_taken" or "db_name_taken")
        {
            _error = refusal.Reason.Render();
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
