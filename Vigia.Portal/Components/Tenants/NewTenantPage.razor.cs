using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Vigia.Core.Errors;
using Vigia.Core.Plans;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Account;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>Registers a client, made for a telephone call: RUC first, everything by keyboard, what is taken said at once.</summary>
public sealed partial class NewTenantPage
{
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(200);
    private readonly NewTenantForm _form = new();
    private readonly HashSet<string> _touched = [];
    private Dictionary<string, IReadOnlyList<Message>> _problems = [];
    private IReadOnlyList<Plan> _plans = [];
    private TenantAvailability? _taken;
    private CancellationTokenSource? _checking;
    private Actor? _actor;
    private string? _refused;
    private bool _busy;
    private bool _focused;
    private bool _editsLimits;
    private bool _restored;

    [Inject]
    private StaffSession Session { get; set; } = default!;

    [Inject]
    private TenantServicesOfPage Tenants { get; set; } = default!;

    [Inject]
    private TenantUrls Urls { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    private int DemoDays => Tenants.Demo.Value.Days;

    private bool IsPerson => Ruc.Normalize(_form.Ruc) is { Length: > 1 } digits && !digits.StartsWith("20", StringComparison.Ordinal);

    private Plan? Chosen => _plans.FirstOrDefault(plan => plan.Code == _form.Plan);

    protected override async Task OnInitializedAsync()
    {
        var actor = await Session.ActorAsync();
        _plans = await Tenants.Plans.ListAsync(actor, Ending);
        _form.Use(_plans[0]);
        if (await Page.JS.InvokeAsync<Dictionary<string, string>?>("vigia.draft", Ending, NewTenantForm.DraftName) is { Count: > 0 } draft)
        {
            if (_plans.FirstOrDefault(plan => plan.Code == draft.GetValueOrDefault("plan")) is { } plan)
            {
                _form.Use(plan);
            }

            _form.Restore(draft);
            _editsLimits = draft.Keys.Any(key => key.StartsWith("max_", StringComparison.Ordinal) || key == "limitar_emision");
            _restored = true;
        }

        _actor = actor;
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!_focused && _actor is not null)
        {
            _focused = true;
            await Page.JS.InvokeVoidAsync("vigia.startAt", Ending, "#ruc");
        }

        if (_restored && _taken is null && _form.Ruc.Length > 0)
        {
            await CheckAsync();
            StateHasChanged();
        }
    }

    private string? Error(string field)
    {
        if (!_touched.Contains(field))
        {
            return null;
        }

        return field switch
        {
            "subdominio" when _taken?.SubdomainHolder is { } holder => new Message("subdominio_taken", holder.Row.LegalName ?? "").Render(),
            "subdominio" when _taken?.IsDatabaseTaken == true => new Message("db_name_taken", DatabaseName.Prefix + _form.Subdomain).Render(),
            "ruc" when _taken?.RucHolder is { } holder => new Message("ruc_taken", holder.Row.LegalName ?? "").Render(),
            _ => _problems.GetValueOrDefault(field)?[0].Render(),
        };
    }

    private string Invalid(string field) => Error(field) is null ? "false" : "true";

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
        if (_plans.FirstOrDefault(plan => plan.Code == e.Value?.ToString()) is { } plan)
        {
            _form.Use(plan);
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

    private async Task SubdomainTypedAsync(ChangeEventArgs e)
    {
        _form.Subdomain = e.Value?.ToString() ?? "";
        _form.ProposesSubdomain = _form.Subdomain.Length == 0;

        // A form that can't be right is said while it is typed, not when one has finished.
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
            await Task.Delay(Settle, Page.Time, checking);
            var taken = await Tenants.Search.CheckAsync(_actor!, _form.Ruc, _form.Subdomain, checking);
            if (taken.SubdomainHolder is not null || taken.IsDatabaseTaken)
            {
                _touched.Add("subdominio");
            }

            _taken = taken;
        }
        catch (OperationCanceledException) when (checking.IsCancellationRequested)
        {
            // Something newer was typed.
            return;
        }
    }

    protected override void Leave() => _checking?.Dispose();

    private async Task RegisterAsync()
    {
        if (_busy)
        {
            return;
        }

        _refused = null;
        _problems = _form.Problems();
        _touched.UnionWith(_problems.Keys);
        if (_problems.Count > 0)
        {
            await RefuseAsync(T["FormProblems"], _problems.Keys);
            return;
        }

        _busy = true;
        try
        {
            var registered = await Tenants.Registration.RegisterAsync(_actor!, _form.ToRequest(), Ending);
            await Page.JS.InvokeVoidAsync("vigia.forgetDraft", Ending, NewTenantForm.DraftName);
            Navigation.NavigateTo(PortalUrls.Tenant(registered.TenantId));
        }
        catch (InvalidInputException invalid)
        {
            _problems = invalid.Errors.ToDictionary();
            _touched.UnionWith(_problems.Keys);
            await RefuseAsync(T["FormProblems"], _problems.Keys);
        }
        catch (RuleException refusal)
        {
            _touched.UnionWith(["ruc", "subdominio"]);
            _taken = await Tenants.Search.CheckAsync(_actor!, _form.Ruc, _form.Subdomain, Ending);
            await RefuseAsync(refusal.Reason.Render(), [refusal.Reason.Code == "ruc_taken" ? "ruc" : "subdominio"]);
        }
        finally
        {
            _busy = false;
        }
    }

    private async Task RefuseAsync(string sentence, IEnumerable<string> fields)
    {
        _refused = sentence;
        string[] order = ["ruc", "razon_social", "subdominio", "correo_acceso", "contacto_nombre", "plan", "entorno", "max_usuarios", "max_establecimientos", "max_comprobantes"];
        var wrong = fields.ToHashSet();
        _editsLimits |= wrong.Any(field => field.StartsWith("max_", StringComparison.Ordinal));
        await Page.JS.InvokeVoidAsync("vigia.focus", Ending, order.FirstOrDefault(wrong.Contains) ?? "ruc");
    }
}
