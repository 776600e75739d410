using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Adoption;
using Vigia.Core.Registry.Plans;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Adoption;

/// <summary>
/// Adopts databases that the portal did not create: those of the product's tenants, and one that no tenant names. The
/// form is sent twice: first it shows the report, then it adopts. The typed values belong to the database of the
/// report.
/// </summary>
// More than five dependencies: one form, from the look at a database to the registered tenant.
public sealed partial class AdoptPage(
    StaffSession session, PlanCatalog plans, AdoptionService adoption, AdoptedRegistration registration,
    Drafts drafts, BrowserCalls browser, IOptions<AdoptionOptions> adoptionOptions)
{
    private readonly LatestRead _looking = new();
    private Dictionary<string, string> _errors = [];
    private IReadOnlyList<Plan> _plans = [];
    private Actor? _actor;
    private AdoptionReport? _report;
    private Approval _approval = new();
    private int? _holder;
    private string _database = "";

    // The database that the values below were typed for; empty until a look found it.
    private string _typedFor = "";
    private string _ruc = "";
    private string _legalName = "";
    private string _subdomain = "";
    private string _email = "";
    private string _plan = "";
    private string _environment = TenantEnvironments.Production;
    private string? _proof;
    private string? _proofError;
    private string? _refused;
    private bool _busy;
    private bool _adopted;
    private DateTimeOffset? _restoredAt;

    protected override bool ShowsAway => true;

    private static Message Off => new("adoption_off");

    private DraftName Draft => DraftName.Of(_actor!, "incorporar");

    private string Verb => (_busy, _report?.IsPossible) switch
    {
        (true, not true) => "Looking",
        (_, true) => "Adopt",
        _ => "Look",
    };

    private AdoptionRequest Request => new(_approval.KeepsOwner, _approval.Backup, _proof);

    private SignedAction Signed => AdoptionService.SignatureOf(_report!.DatabaseName, Request);

    protected override async Task OnInitializedAsync()
    {
        var actor = await session.ActorAsync();
        _plans = await plans.ListAsync(actor, Ending);
        (_actor, _plan) = (actor, _plans[0].Code);
        if (await drafts.ReadAsync(Draft, Ending) is { Typed: { Count: > 0 } draft, At: var at })
        {
            Restore(draft);
            _restoredAt = at;
        }
    }

    private string? Error(string field) => _errors.GetValueOrDefault(field);

    private string Invalid(string field) => _errors.ContainsKey(field) ? "true" : "false";

    // The report is that of another database, and so is what was signed.
    private void Forget() => (_report, _holder, _proof, _proofError) = (null, null, null, null);

    private void Restore(IReadOnlyDictionary<string, string> draft)
    {
        _database = draft.GetValueOrDefault("db_name", "");
        _typedFor = _database.Trim();
        _ruc = draft.GetValueOrDefault("ruc", "");
        _legalName = draft.GetValueOrDefault("razon_social", "");
        _subdomain = draft.GetValueOrDefault("subdominio", "");
        _email = draft.GetValueOrDefault("correo_acceso", "");
        _plan = (_plans.FirstOrDefault(p => p.Code == draft.GetValueOrDefault("plan")) ?? _plans[0]).Code;
        _environment = draft.GetValueOrDefault("entorno") == TenantEnvironments.Demo
            ? TenantEnvironments.Demo : TenantEnvironments.Production;
        _approval = new Approval(
            draft.GetValueOrDefault("new-backup", ""), draft.GetValueOrDefault("new-owner") == "true");
    }

    private void Begin()
    {
        Forget();
        (_errors, _refused, _restoredAt) = ([], null, null);
        Restore(new Dictionary<string, string>());
    }

    private async Task SubmitAsync()
    {
        if (_busy)
        {
            return;
        }

        (_busy, _errors, _refused, _proofError) = (true, [], null, null);
        try
        {
            await (_report is { IsPossible: true } report && report.DatabaseName == _database.Trim()
                ? AdoptAsync() : LookAsync());
        }
        catch (InvalidInputException invalid)
        {
            _errors = invalid.Errors.ToDictionary(error => error.Key, error => error.Value[0].Render());
        }
        catch (RuleException refusal) when (Reauthentication.IsRefusal(refusal))
        {
            (_proofError, _proof) = (refusal.Reason.Render(), null);
        }
        catch (RuleException refusal)
        {
            _refused = refusal.Reason.Render();
        }
        finally
        {
            _busy = false;
        }
    }

    // A report about a name that the field no longer has is not shown.
    private Task LookAsync() => ReadAsync(_looking, _database, async (name, until) =>
    {
        var report = await adoption.InspectAsync(_actor!, name, until);
        return (Asked: name, Report: report,
            Holder: await adoption.FindTenantAsync(_actor!, report.DatabaseName, until));
    }, found =>
    {
        if (found.Asked != _database)
        {
            return;
        }

        if (_typedFor.Length > 0 && _typedFor != found.Report.DatabaseName)
        {
            ForgetTyped();
        }

        (_report, _holder, _typedFor) = (found.Report, found.Holder, found.Report.DatabaseName);
    });

    // The RUC of one client must not be signed for the database of another.
    private void ForgetTyped()
    {
        Restore(new Dictionary<string, string> { ["db_name"] = _database });
        drafts.Keep(Draft, new Dictionary<string, string>
        {
            ["ruc"] = "", ["razon_social"] = "", ["subdominio"] = "", ["correo_acceso"] = "", ["plan"] = _plan,
            ["entorno"] = _environment, ["new-backup"] = "", ["new-owner"] = "false",
        });
    }

    private async Task AdoptAsync()
    {
        var registered = await registration.RegisterAsync(
            _actor!, _report!.DatabaseName, new RegisterTenant
            {
                Ruc = _ruc,
                Subdomain = _subdomain,
                Provision = false,
                Details = new TenantDetails
                {
                    LegalName = _legalName, AccessEmail = _email, Plan = _plan, Environment = _environment,
                },
            }, Request with { Shown = Signed }, CancellationToken.None);
        _adopted = true;
        drafts.Forget(Draft);
        if (!IsGone)
        {
            browser.GoTo(PortalUrls.Tenant(registered.TenantId));
        }
    }
}
