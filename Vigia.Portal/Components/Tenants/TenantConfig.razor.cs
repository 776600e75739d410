using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>
/// A tenant's configuration as JSON. It is checked when the field loses the focus, and an error never discards the
/// text.
/// </summary>
public sealed partial class TenantConfig(TenantEditing editing, PageNotices notices, Drafts drafts)
    : FormComponent(notices)
{
    private static readonly JsonSerializerOptions Readable =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private TenantDetails _seen = new();
    private string _text = "";
    private string _base = "";
    private string? _error;
    private DateTimeOffset? _restoredAt;

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override string Subject => Tenant.DisplayName;

    private DraftName Draft => DraftName.Of(Actor, "config", Tenant.Id);

    private bool MayEdit => TenantAction.Edit.IsOffered(Actor, Tenant.Standing);

    protected override async Task OnInitializedAsync()
    {
        Start();
        var draft = MayEdit ? await TenantDraft.ReadAsync(drafts, Draft, Tenant.Id, Ending) : null;
        if (draft is null || !draft.Typed.TryGetValue("config", out var typed))
        {
            return;
        }

        if (IsSame(typed, _text))
        {
            // The text was saved, but the connection broke before the browser could remove the draft.
            drafts.Forget(Draft);
            return;
        }

        (_seen, _text, _restoredAt) = (_seen with { Config = draft.Seen.Config }, typed, draft.At);
        Check();
    }

    private static bool IsSame(string one, string other)
    {
        try
        {
            using var first = JsonDocument.Parse(one);
            using var second = JsonDocument.Parse(other);
            return JsonElement.DeepEquals(first.RootElement, second.RootElement);
        }
        catch (JsonException)
        {
            return one == other;
        }
    }

    // The product and psql may have written a configuration that nobody could save here. It is shown as it is stored:
    // indented, a very deep one would be longer than a browser shows.
    private static string Pretty(string? json)
    {
        if (string.IsNullOrWhiteSpace(json) || TenantRules.Config(json) is not null)
        {
            return string.IsNullOrWhiteSpace(json) ? "{}" : json;
        }

        using var document = JsonDocument.Parse(json);
        return JsonSerializer.Serialize(document.RootElement, Readable);
    }

    private void Start()
    {
        _seen = TenantDetails.Of(Tenant.Row);
        _base = TenantDraft.BaseOf(new TenantDetails { TenantId = Tenant.Id, Config = _seen.Config });
        _text = Pretty(_seen.Config);
        (_error, _restoredAt) = (null, null);
    }

    private void Check() => _error = TenantRules.Config(_text)?.Render();

    private void Format()
    {
        Check();
        if (_error is null && Pretty(_text) is var pretty && pretty != _text)
        {
            _text = pretty;
            drafts.Keep(Draft, new Dictionary<string, string> { ["config"] = _text });
        }
    }

    private void Discard()
    {
        Start();
        drafts.Forget(Draft);
    }

    protected override void ShowErrors(InvalidInputException? invalid) =>
        _error = invalid is null ? null : FirstOf(invalid).Reason.Render();

    protected override Task ShowRefusalAsync(RuleException refusal)
    {
        if (refusal is not ChangedMeanwhileException changed)
        {
            return base.ShowRefusalAsync(refusal);
        }

        // The person sees the current value now, so a second save is a deliberate decision.
        _seen = _seen with { Config = changed.Fields["config"] as string };
        _error = $"{changed.Reason.Render()} {T["ChangedBy"]} "
            + $"{T["PresentValue", changed.Fields["config"] ?? "{}"]}";
        return Task.CompletedTask;
    }

    protected override bool FocusUnreadable()
    {
        Check();
        return _error is not null;
    }

    private Task SaveAsync() => SubmitAsync(async () =>
    {
        // A save that is running when the person goes to the next tenant is completed for the tenant that the text
        // belongs to.
        var changed = await editing.UpdateAsync(
            Actor, _seen.TenantId!.Value, _seen, _seen with { Config = _text }, CancellationToken.None);
        (_seen, _restoredAt) = (_seen with { Config = _text }, null);
        _base = TenantDraft.BaseOf(new TenantDetails { TenantId = _seen.TenantId, Config = _text });
        Notices.Say(NoteAbout(Subject,
            changed.Count == 0 ? T["NothingChanged"] : T["Saved", Message.FieldNames(["config"])]));
        drafts.Forget(Draft);
    });
}
