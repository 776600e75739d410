using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.Signatures;

namespace Vigia.Core.Lifecycle.Adoption;

/// <summary>A person's request to adopt a database.</summary>
/// <param name="KeepsOwner">
/// Whether they accept that the product keeps the role that owns the database. Needed while the product has no role of
/// its own.
/// </param>
/// <param name="BackupStatement">The external backup that they name: which one, and where it is.</param>
/// <param name="Password">Their own password, or a confirmation.</param>
/// <param name="Shown">The action that a page showed them; null for a program.</param>
public sealed record AdoptionRequest(
    bool KeepsOwner, string? BackupStatement, string? Password, SignedAction? Shown = null);

/// <summary>
/// Adopts databases that the portal did not create. See docs/rules.md#adoption. A database of the portal's own that
/// lost its marker is reclaimed instead.
/// </summary>
public sealed class AdoptionService(
    IDbContextFactory<MasterContext> contexts, TenantRequests requests, AdoptionInspection inspection,
    Reauthentication reauthentication)
{
    private const int MostOfStatement = 1000;

    /// <summary>
    /// Whether the product has a role of its own (<c>PRODUCT_DB_ROLE</c>), with which it keeps working in adopted
    /// databases. While there is none, a person has to accept that it keeps the role that owns them.
    /// </summary>
    public static bool ProductRoleIsSet => false;

    /// <summary>The kind of the operation.</summary>
    internal static OperationKind AdoptKind => AdoptTenant.KindName;

    /// <summary>The action that a person signs.</summary>
    public static SignedAction SignatureOf(string databaseName, AdoptionRequest request) =>
        SignedAction.Of(SignedAction.TenantAdopt, databaseName, new
        {
            DatabaseName = databaseName,
            request.KeepsOwner,
            BackupStatement = SignedAction.Reason(request.BackupStatement),
        });

    /// <summary>Inspects a database that no tenant has. Changes nothing.</summary>
    public async Task<AdoptionReport> InspectAsync(
        Actor actor, string? databaseName, CancellationToken cancellationToken)
    {
        actor.Demand(TenantAction.Adopt.Right);
        var name = DemandName(databaseName);
        return (await inspection.LookAsync(
            actor, name, await FindTenantAsync(actor, name, cancellationToken), cancellationToken)).Report;
    }

    /// <summary>Inspects the database of a tenant that the product registered. Changes nothing.</summary>
    /// <exception cref="NotFoundException"><c>tenant_unknown</c>.</exception>
    /// <exception cref="RuleException">The refusals of <see cref="TenantAction.Adopt"/>.</exception>
    public async Task<AdoptionReport> InspectTenantAsync(
        Actor actor, int tenantId, CancellationToken cancellationToken)
    {
        actor.Demand(TenantAction.Adopt.Right);
        return (await inspection.LookAsync(
            actor, await NameOfAsync(actor, tenantId, cancellationToken), tenantId, cancellationToken)).Report;
    }

    /// <summary>The unmanaged tenant whose row names this database; null when there is none.</summary>
    /// <exception cref="InvalidInputException"><c>db_name</c>.</exception>
    public async Task<int?> FindTenantAsync(Actor actor, string databaseName, CancellationToken cancellationToken)
    {
        actor.Demand(TenantAction.Adopt.Right);
        var name = DemandName(databaseName);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await db.Set<Tenant>().Where(t => t.State == TenantState.Unmanaged).Where(AdoptionRules.Names(name))
            .OrderBy(t => t.Id).Select(t => (int?)t.Id).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>
    /// Adopts the database of a tenant that the product registered, in the background. The database is inspected again
    /// first, so that an adoption that can't start is refused at once.
    /// </summary>
    /// <returns>The operation's id.</returns>
    /// <exception cref="InvalidInputException"><c>backup_statement</c>, <c>product_keeps_owner</c>.</exception>
    /// <exception cref="RuleException">
    /// <c>tenant_unknown</c>; the refusals of <see cref="TenantAction.Adopt"/>; an obstacle of the report;
    /// <c>owner_statements_needed</c>; <c>password_wrong</c>, <c>confirmation_stale</c>; <c>operation_running</c>.
    /// </exception>
    public async Task<Guid> AdoptAsync(
        Actor actor, int tenantId, AdoptionRequest request, CancellationToken cancellationToken)
    {
        actor.Demand(TenantAction.Adopt.Right);
        Demand(request);
        var name = await NameOfAsync(actor, tenantId, cancellationToken);
        var signedWith = await DemandSignedAsync(actor, name, tenantId, request, cancellationToken);
        return await requests.EnqueueAsync(actor, tenantId, TenantAction.Adopt, (_, tenant, _) =>
        {
            AdoptionDecision.DemandSameDatabase(tenant, name);
            return Task.FromResult(new TenantRequest(RecordOf(name, request, signedWith),
                new AdoptionData(name, request.KeepsOwner, SignedAction.Reason(request.BackupStatement), false))
            {
                Apply = _ => tenant.RaiseLimitsRevision(),
            });
        }, cancellationToken);
    }

    /// <summary>Checks the input of a request, before the inspection and the signature.</summary>
    /// <exception cref="InvalidInputException"><c>backup_statement</c>, <c>product_keeps_owner</c>.</exception>
    internal static void Demand(AdoptionRequest request)
    {
        var errors = new Dictionary<string, IReadOnlyList<Message>>();
        if (SignedAction.Reason(request.BackupStatement) is var statement && statement.Length == 0)
        {
            errors["backup_statement"] = [new Message("adopt_backup_missing")];
        }
        else if (Foundation.Text.SafeText.Problem(statement, MostOfStatement) is { } problem)
        {
            errors["backup_statement"] = [problem];
        }

        if (!ProductRoleIsSet && !request.KeepsOwner)
        {
            errors["product_keeps_owner"] = [new Message("adopt_owner_unconfirmed")];
        }

        if (errors.Count > 0)
        {
            throw new InvalidInputException(errors);
        }
    }

    /// <summary>Demands that the adoption may start, and the signature.</summary>
    /// <returns>How the person signed.</returns>
    internal async Task<string> DemandSignedAsync(
        Actor actor, string name, int? tenantId, AdoptionRequest request, CancellationToken cancellationToken)
    {
        (await inspection.LookAsync(actor, name, tenantId, cancellationToken)).Report.Demand();
        var signed = SignatureOf(name, request);
        SignedAction.DemandSame(request.Shown, signed);
        return await reauthentication.DemandAsync(actor, signed, request.Password, cancellationToken);
    }

    /// <summary>The data of the operation for a tenant whose row is made with the request.</summary>
    internal static object DataOf(string name, AdoptionRequest request) =>
        new AdoptionData(name, request.KeepsOwner, SignedAction.Reason(request.BackupStatement), true);

    /// <summary>Demands, in the caller's transaction, that no row names the database.</summary>
    internal static async Task DemandUnregisteredAsync(
        MasterContext db, string name, CancellationToken cancellationToken)
    {
        if (await AdoptionRules.FindRegistryObstaclesAsync(db, name, null, cancellationToken) is { Count: > 0 } found)
        {
            throw new RuleException(found[0]);
        }
    }

    internal static AuditEntry RecordOf(string name, AdoptionRequest request, string signedWith) =>
        new("tenant.adopt_requested")
        {
            SignatureMeaning = "sign_tenant_adopt",
            SignedWith = signedWith,
            After = new Dictionary<string, object?>
            {
                ["db_name"] = name,
                ["backup_statement"] = SignedAction.Reason(request.BackupStatement),
                ["product_keeps_owner"] = request.KeepsOwner,
            },
        };

    internal static string DemandName(string? databaseName)
    {
        var name = databaseName?.Trim() ?? "";
        return name.Length is > 0 and <= 63 && Foundation.Text.SafeText.Problem(name) is null ? name
            : throw new InvalidInputException("db_name", new Message("adopt_name_invalid"));
    }

    private async Task<string> NameOfAsync(Actor actor, int tenantId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var tenant = await db.Set<Tenant>().AsNoTracking()
            .SingleOrDefaultAsync(t => t.Id == tenantId, cancellationToken)
            ?? throw new NotFoundException("tenant_unknown");
        return tenant.State == TenantState.Unmanaged ? tenant.DatabaseName ?? $"vigia_{tenant.Subdomain}"
            : throw new RuleException("already_managed");
    }
}
