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
/// form is sent twice: first it shows the report, then it adopts.
/// </summary>
// More than five dependencies: one form, from the look at a database to the registered tenant.
public sealed partial class AdoptPage(
    StaffSession session, PlanCatalog plans, AdoptionService adoption, AdoptedRegistration registration,
    Drafts drafts, BrowserCalls browser)
{
    private Dictionary<string, string> _errors = [];
    private IReadOnlyList<Plan> _plans = [];
    private Actor? _actor;
    private AdoptionReport? _report;
    private Approval _approval = new();
    private int? _holder;
    private string _database = "";
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

    protected override bool ShowsAway => true;

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
    }

    private string? Error(string field) => _errors.GetValueOrDefault(field);

    private string Invalid(string field) => _errors.ContainsKey(field) ? "true" : "false";

    // The report is that of another database.
    private void Forget() => (_report, _holder) = (null, null);

    private async Task SubmitAsync()
    {
        if (_busy)
        {
            return;
        }

        (_busy, _errors, _refused, _proofError) = (true, [], null, null);
        try
        {
            await (_report?.IsPossible == true ? AdoptAsync() : LookAsync());
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

    private async Task LookAsync()
    {
        var report = await adoption.InspectAsync(_actor!, _database, Ending);
        _holder = await adoption.FindTenantAsync(_actor!, report.DatabaseName, Ending);
        _report = report;
    }

    private async Task AdoptAsync()
    {
        var plan = _plans.FirstOrDefault(p => p.Code == _plan);
        var details = new TenantDetails
        {
            LegalName = _legalName, AccessEmail = _email, Plan = _plan, Environment = _environment,
        };
        var registered = await registration.RegisterAsync(
            _actor!, _report!.DatabaseName, new RegisterTenant
            {
                Ruc = _ruc,
                Subdomain = _subdomain,
                Provision = false,
                Details = plan is null ? details : details.WithLimitsOf(plan),
            }, Request with { Shown = Signed }, CancellationToken.None);
        drafts.Forget(Draft);
        if (!IsGone)
        {
            browser.GoTo(PortalUrls.Tenant(registered.TenantId));
        }
    }
}
