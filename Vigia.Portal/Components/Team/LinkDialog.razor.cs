using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Errors;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Team;

/// <summary>A new one-time link for somebody: they have not used theirs, or they forgot the password.</summary>
public sealed partial class LinkDialog
{
    private LinkPanel? _panel;
    private MudButton? _safe;
    private MudButton? _copy;
    private StaffLink? _link;
    private string _reason = "";
    private string? _error;
    private bool _busy;
    private bool _moveFocus;

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = default!;

    [Parameter, EditorRequired]
    public StaffSummary Member { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Inject]
    private StaffLinks Links { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    private bool IsRecovery => Member.State != StaffState.Invited;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && _safe is not null)
        {
            await _safe.FocusAsync();
        }
        else if (_moveFocus && _copy is not null)
        {
            _moveFocus = false;
            await _copy.FocusAsync();
        }
    }

    private async Task RenewAsync()
    {
        if (_busy)
        {
            return;
        }

        (_busy, _error) = (true, null);
        try
        {
            _link = await Links.RenewAsync(Actor, Member.Id, _reason, Ending);
            _moveFocus = true;
        }
        catch (InvalidInputException invalid)
        {
            _error = invalid.Errors.Values.First()[0].Render();
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
