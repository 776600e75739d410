using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Plans;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>
/// Registers a tenant. It is designed for use during a telephone call: RUC first, keyboard only, and values that are
/// already taken are reported while typing.
/// </summary>
// More than five dependencies: one form, from its draft to the registered tenant. Half of the services are the
// browser's: draft, focus, address, notice.
public sealed partial class NewTenantPage(
    StaffSession session, PlanCatalog plans, AvailabilityCheck availability, TenantRegistration registration,
    PageNotices notices, Drafts drafts, BrowserCalls browser) : FormComponent(notices)
{
    private NewTenantForm _form = new();
    private readonly HashSet<string> _touched = [];
    private Dictionary<string, IReadOnlyList<Message>> _problems = [];
    private IReadOnlyList<Plan> _plans = [];
    private TenantAvailability? _taken;
    private CancellationTokenSource? _checking;
    private Actor? _actor;
    private string? _refused;
    private bool _focused;
    private bool _editsLimits;
    private DateTimeOffset? _restoredAt;
    private bool _isRead;
    private bool _registered;

    protected override string Subject => _form.LegalName;

    private DraftName Draft => DraftName.Of(_actor!, "nuevo-cliente");

    private Plan? Chosen => _plans.FirstOrDefault(plan => plan.Code == _form.Plan);

    protected override async Task OnInitializedAsync()
    {
        var actor = await session.ActorAsync();
        _plans = await plans.ListAsync(actor, Ending);
        _form.Use(_plans[0]);
        _actor = actor;
        if (await drafts.ReadAsync(Draft, Ending) is { Typed: { Count: > 0 } draft, At: var at })
        {
            if (_plans.FirstOrDefault(plan => plan.Code == draft.GetValueOrDefault("plan")) is { } plan)
            {
                _form.Use(plan);
            }

            _form.Restore(draft);
            _editsLimits = draft.Keys.Any(
                key => key.StartsWith("max_", StringComparison.Ordinal) || key == "limitar_emision");
            _restoredAt = at;
        }

        _isRead = true;
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!_focused && _isRead)
        {
            _focused = true;
            browser.Send("vigia.startAt", "#ruc");
        }

        if (_restoredAt is not null && _taken is null && _form.Ruc.Length > 0)
        {
            await CheckAsync();
            StateHasChanged();
        }
    }

    protected override string? Error(string field)
    {
        if (!_touched.Contains(field))
        {
            return null;
        }

        return field switch
        {
            "subdominio" when _taken?.SubdomainHolder is { } holder =>
                new Message("subdominio_taken", holder.Row.LegalName ?? "").Render(),
            "subdominio" when _taken?.IsKept == true => new Message("subdominio_kept").Render(),
            "subdominio" when _taken?.IsDatabaseTaken == true =>
                new Message("db_name_taken", DatabaseName.Prefix + _form.Subdomain).Render(),
            "ruc" when _taken?.RucHolder is { } holder => new Message("ruc_taken", holder.Row.LegalName ?? "").Render(),
            _ => _problems.GetValueOrDefault(field)?[0].Render(),
        };
    }

    private void Touch(string field)
    {
        _touched.Add(field);
        _problems = _form.Problems();
    }

    private void TouchLimits()
    {
        _touched.UnionWith(["max_usuarios", "max_comprobantes", "max_establecimientos"]);
        _problems = _form.Problems();
    }

    private void PlanChosen(ChangeEventArgs e)
    {
        if (_plans.FirstOrDefault(plan => plan.Code == e.Value?.ToString()) is not { } plan)
        {
            return;
        }

        var limits = _form.Limits.Changed(() => _form.Use(plan));
        if (_editsLimits)
        {
            // The plan alone brings its limits back, but not over those that were typed before.
            drafts.Keep(Draft, limits);
        }
    }

    private async Task ProposeAsync()
    {
        _problems = _form.Problems();
        if (_form.ProposesSubdomain)
        {
            _form.Subdomain = SubdomainProposal.From(_form.LegalName);
            await CheckAsync();
        }
    }

    private async Task SubdomainTypedAsync(string? typed)
    {
        _form.Subdomain = typed ?? "";
        _form.ProposesSubdomain = _form.Subdomain.Length == 0;

        // An invalid format is reported while the person types, not when they leave the field.
        _touched.Add("subdominio");
        _problems = _form.Problems();
        await CheckAsync();
    }

    private async Task CheckAsync()
    {
        _problems = _form.Problems();
        if (Ruc.Normalize(_form.Ruc).Length >= 11)
        {
            _touched.Add("ruc");
        }

        var checking = Newest(ref _checking);
        try
        {
            var taken = await FetchAsync(
                until => availability.CheckWhenSettledAsync(_actor!, _form.Ruc, _form.Subdomain, until), checking);
            if (taken.SubdomainHolder is not null || taken.IsDatabaseTaken || taken.IsKept)
            {
                _touched.Add("subdominio");
            }

            _taken = taken;
        }
        catch (Exception) when (checking.IsCancellationRequested)
        {
            // A newer text was typed.
            return;
        }
    }

    protected override void Leave() => _checking?.Dispose();

    private void Begin()
    {
        (_form, _taken, _refused, _restoredAt, _editsLimits) = (new NewTenantForm(), null, null, null, false);
        _form.Use(_plans[0]);
        _touched.Clear();
        _problems = [];
    }

    private void Cancel()
    {
        drafts.Forget(Draft);
        browser.GoTo(PortalUrls.Tenants);
    }

    protected override void ShowErrors(InvalidInputException? invalid)
    {
        _problems = invalid?.Errors.ToDictionary() ?? [];
        if (invalid is not null)
        {
            _touched.UnionWith(_problems.Keys);
            Refuse(T["FormProblems"], _problems.Keys);
        }
    }

    protected override async Task ShowRefusalAsync(RuleException refusal)
    {
        _touched.UnionWith(["ruc", "subdominio"]);
        _taken = await availability.CheckAsync(_actor!, _form.Ruc, _form.Subdomain, CancellationToken.None);
        if (IsGone)
        {
            await base.ShowRefusalAsync(refusal);
            return;
        }

        // An error that a field shows is not shown twice.
        Refuse(
            Error("ruc") is null && Error("subdominio") is null ? refusal.Reason.Render() : T["FormProblems"],
            [refusal.Reason.Code == "ruc_taken" ? "ruc" : "subdominio"]);
    }

    protected override bool FocusUnreadable()
    {
        _refused = null;
        _problems = _form.Problems();
        _touched.UnionWith(_problems.Keys);
        if (_problems.Count > 0)
        {
            Refuse(T["FormProblems"], _problems.Keys);
        }

        return _problems.Count > 0;
    }

    private Task RegisterAsync() => SubmitAsync(async () =>
    {
        var name = _form.LegalName;
        var registered = await registration.RegisterAsync(_actor!, _form.ToRequest(), CancellationToken.None);
        _registered = true;
        if (IsGone)
        {
            // The person has moved on to another page. They are not redirected from there.
            Notices.Say(T["RegisteredMeanwhile", name]);
        }
        else
        {
            browser.GoTo(PortalUrls.Tenant(registered.TenantId));
        }

        drafts.Forget(Draft);
    });

    private void Refuse(string sentence, IEnumerable<string> fields)
    {
        _refused = sentence;
        string[] order = ["ruc", "razon_social", "subdominio", "correo_acceso", "contacto_nombre", "plan", "entorno",
            "max_usuarios", "max_establecimientos", "max_comprobantes"];
        var wrong = fields.ToHashSet();
        _editsLimits |= wrong.Any(field => field.StartsWith("max_", StringComparison.Ordinal));
        browser.Send("vigia.focus", order.FirstOrDefault(wrong.Contains) ?? "ruc");
    }
}
