using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Vigia.Core.Errors;
using Vigia.Core.Plans;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>Changes a client in place; the second of two editors of one field is told what changed and by whom, and loses nothing.</summary>
public sealed partial class TenantEditor
{
    private Dictionary<string, IReadOnlyList<Message>> _problems = [];
    private Dictionary<string, string> _conflicts = [];
    private string? _refused;
    private bool _busy;

    [Parameter, EditorRequired]
    public TenantEditForm Form { get; set; } = default!;

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Parameter, EditorRequired]
    public IReadOnlyList<Plan> Plans { get; set; } = [];

    /// <summary>The administrator has used the invitation: the address is for contact only (facts 7.17).</summary>
    [Parameter]
    public bool IsContactOnly { get; set; }

    [Parameter]
    public EventCallback OnClosed { get; set; }

    [Inject]
    private TenantEditing Editing { get; set; } = default!;

    [Inject]
    private TenantContents Contents { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await Page.JS.InvokeVoidAsync("vigia.focus", Ending, "razon_social");
        }
    }

    private string? Error(string field) => _conflicts.GetValueOrDefault(field) ?? _problems.GetValueOrDefault(field)?[0].Render();

    private string Invalid(string field) => Error(field) is null ? "false" : "true";

    private void Check() => _problems = Form.Problems();

    private async Task SaveAsync()
    {
        if (_busy)
        {
            return;
        }

        (_refused, _conflicts, _busy) = (null, [], true);
        try
        {
            var numbers = new Dictionary<string, IReadOnlyList<Message>>();
            Form.Limits.AddProblems(numbers);
            if (numbers.Count > 0)
            {
                _problems = numbers;
                return;
            }

            if (!await ConfirmLoweringAsync())
            {
                return;
            }

            var changed = await Editing.UpdateAsync(Actor, Tenant.Id, Form.Seen, Form.Wanted, Ending);
            Page.Say(changed.Count == 0 ? T["NothingChanged"] : T["Saved", Message.FieldNames(changed)]);
            await OnClosed.InvokeAsync();
        }
        catch (InvalidInputException invalid)
        {
            _problems = invalid.Errors.ToDictionary();
            await Page.JS.InvokeVoidAsync("vigia.focus", Ending, _problems.Keys.First());
        }
        catch (ChangedMeanwhileException changed)
        {
            _refused = $"{changed.Reason.Render()} {changed.Reason.RenderAdvice()}";
            _conflicts = changed.Fields.ToDictionary(field => field.Key, field => T["PresentValue", field.Value ?? "—"].Value);
            Form.See(changed.Fields);
        }
        catch (RuleException refusal)
        {
            _refused = $"{refusal.Reason.Render()} {refusal.Reason.RenderAdvice()}";
        }
        finally
        {
            _busy = false;
        }
    }

    // What is in use is read now and not when the form was opened: that may have been an hour ago.
    private async Task<bool> ConfirmLoweringAsync()
    {
        if (!Form.LimitsDiffer || await Contents.ReadAsync(Actor, Tenant.Id, Ending) is not { } content)
        {
            return true;
        }

        var lowered = content.LoweredBelowUse(Form.Seen, Form.Wanted);
        return lowered.Count == 0 || await Page.ConfirmAsync(new ConfirmRequest(T["LoweringTitle"], T["LoweringEffect"], T["LoweringAction"])
        {
            Details = [.. lowered.Select(l => T[$"Lowering_{l.Field}", l.Used, l.Limit].Value)],
        }) is not null;
    }
}
