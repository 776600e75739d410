using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Plans;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>
/// Edits a tenant in place. When two people edit the same field, the second one is told what changed and who changed
/// it, and loses no input.
/// </summary>
// More than five dependencies: one form, from its draft to the saved row. Half of the services are the browser's:
// draft, focus, question, notice.
public sealed partial class TenantEditor(
    TenantEditing editing, TenantContents contents, PageDialogs dialogs, PageNotices notices, Drafts drafts,
    BrowserCalls browser) : FormComponent(notices)
{
    private Dictionary<string, IReadOnlyList<Message>> _problems = [];
    private Dictionary<string, string> _conflicts = [];
    private string _base = "";
    private string? _refused;
    private bool _closed;

    [Parameter, EditorRequired]
    public TenantEditForm Form { get; set; } = default!;

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Parameter, EditorRequired]
    public IReadOnlyList<Plan> Plans { get; set; } = [];

    /// <summary>When the text of the draft was typed from which the form was restored. Null without one.</summary>
    [Parameter]
    public DateTimeOffset? RestoredAt { get; set; }

    /// <summary>Whether the administrator has used the invitation. The address is then for contact only.</summary>
    [Parameter]
    public bool IsContactOnly { get; set; }

    [Parameter]
    public EventCallback OnClosed { get; set; }

    protected override string Subject => Tenant.DisplayName;

    private DraftName Draft => DraftOf(Actor, Tenant.Id);

    /// <summary>The name of a person's draft of this form.</summary>
    public static DraftName DraftOf(Actor actor, int tenantId) => DraftName.Of(actor, "cliente", tenantId);

    protected override void OnInitialized() => _base = TenantDraft.BaseOf(Form.Seen);

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender && RestoredAt is null)
        {
            browser.Send("vigia.focus", "razon_social");
        }
    }

    protected override string? Error(string field) =>
        _conflicts.GetValueOrDefault(field) ?? _problems.GetValueOrDefault(field)?[0].Render();

    // The reason why the environment can't be chosen here. Null when it can.
    private string? EnvironmentHelp => Tenant.Row.Environment switch
    {
        _ when ProductionDuty.WasNeverReady(Tenant.Row) => null,
        TenantEnvironments.Demo => T["EnvByConversion"].Value,
        TenantEnvironments.Production => T["EnvFinal"].Value,
        _ => null,
    };

    // A value as the form shows it, not as the registry stores it.
    private object Words(string field, object? value) => (field, value) switch
    {
        (_, null or "") => "—",
        ("plan", string code) => Plans.FirstOrDefault(plan => plan.Code == code)?.Name ?? code,
        ("entorno", string code) => TenantWords.Environment(code, T),
        _ => value,
    };

    private Plan? Chosen => Plans.FirstOrDefault(plan => plan.Code == Form.Plan);

    private void Check() => _problems = Form.Problems();

    private void PlanChosen()
    {
        SetLimits(() => Form.UseLimitsOf(Chosen));
        Check();
    }

    // Only what differs is kept: setting the limits that are there changes nothing.
    private void SetLimits(Action set) => drafts.Keep(Draft, Form.Limits.Changed(set));

    private void KeepLimits(bool keeps)
    {
        Form.KeepsLimits = keeps;
        PlanChosen();
    }

    protected override void ShowErrors(InvalidInputException? invalid)
    {
        _problems = invalid?.Errors.ToDictionary() ?? [];
        if (invalid is not null)
        {
            browser.Send("vigia.focus", _problems.Keys.First());
        }
    }

    protected override Task ShowRefusalAsync(RuleException refusal)
    {
        _refused = $"{refusal.Reason.Render()} {refusal.Reason.RenderAdvice()}";
        if (refusal is ChangedMeanwhileException changed)
        {
            _conflicts = changed.Fields.ToDictionary(
                field => field.Key, field => T["PresentValue", Words(field.Key, field.Value)].Value);
            Form.AcceptCurrent(changed.Fields);
        }

        return Task.CompletedTask;
    }

    protected override bool FocusUnreadable()
    {
        var numbers = new Dictionary<string, IReadOnlyList<Message>>();
        Form.Limits.AddProblems(numbers);
        _problems = numbers.Count > 0 ? numbers : _problems;
        return numbers.Count > 0;
    }

    private async Task SaveAsync()
    {
        if (IsBusy)
        {
            return;
        }

        (_refused, _conflicts) = (null, []);
        var isTold = false;
        try
        {
            await SubmitAsync(SaveChangesAsync);
        }
        finally
        {
            if (IsGone && !_closed && !isTold)
            {
                Notices.Note(T["DraftKept", Subject]);
            }
        }

        async Task SaveChangesAsync()
        {
            try
            {
                await UpdateAsync();
            }
            catch (Exception refused) when (IsGone && refused is RuleException or InvalidInputException)
            {
                isTold = true;
                throw;
            }
        }
    }

    private async Task UpdateAsync()
    {
        if (!await ConfirmLoweringAsync())
        {
            return;
        }

        // A save that is running when the person goes to the next tenant is completed for the tenant that the form
        // belongs to.
        var changed = await editing.UpdateAsync(
            Actor, Form.TenantId, Form.Seen, Form.Wanted, CancellationToken.None);
        Notices.Say(NoteAbout(Subject,
            changed.Count == 0 ? T["NothingChanged"] : T["Saved",
                Message.FieldNames(changed.Select(field => NameLabel.FieldOf(Tenant.Row.Ruc, field)))]));
        await CloseAsync();
    }

    private Task CloseAsync()
    {
        _closed = true;
        drafts.Forget(Draft);
        return IsGone ? Task.CompletedTask : OnClosed.InvokeAsync();
    }

    // Usage is read now and not when the form was opened, which may have been an hour ago.
    private async Task<bool> ConfirmLoweringAsync()
    {
        if (!Form.LimitsDiffer
            || await WhileHereAsync(contents.CountAsync(Actor, Form.TenantId, Ending)) is not { } content)
        {
            return true;
        }

        var lowered = content.LoweredBelowUse(Form.Seen, Form.Wanted);
        var request = new ConfirmRequest(T["LoweringTitle"], T["LoweringEffect"], T["LoweringAction"])
        {
            Details = [.. lowered.Select(l => T[$"Lowering_{l.Field}", l.Used, l.Limit].Value)],
        };
        return lowered.Count == 0 || await dialogs.ConfirmAsync(request) is not null;
    }
}
