using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Plans;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Tenants;

/// <summary>
/// Registers tenants. Row, operation and audit record are one transaction. If two requests arrive at the same instant,
/// the unique indexes decide which one wins.
/// </summary>
// More than five dependencies: one transaction checks the names, adds the row, queues and records.
public sealed class TenantRegistration(
    IDbContextFactory<MasterContext> contexts, ServerConnections servers, TenantProvisioning provisioning,
    AuditTrail audit, IOptions<DemoOptions> demo, TimeProvider time)
{
    /// <summary>How many days a demo lasts.</summary>
    public int DemoDays => demo.Value.Days;

    private static readonly RegisterTenantValidator Rules = new();

    /// <summary>Adds a tenant to the registry and, if requested, queues the creation of its database.</summary>
    /// <exception cref="InvalidInputException">The errors, by field names of the HTTP API.</exception>
    /// <exception cref="RuleException">
    /// <c>ruc_taken</c>, <c>subdominio_taken</c>, <c>db_name_taken</c>: each names the present holder.
    /// </exception>
    public async Task<RegisteredTenant> RegisterAsync(
        Actor actor, RegisterTenant request, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsCreate);
        if (request.Provision)
        {
            actor.Demand(TenantAction.Provision.Right);
        }

        Rules.Validate(request).Demand();
        var ruc = new Ruc(request.Ruc);
        var subdomain = new Subdomain(request.Subdomain!.Trim());
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await DemandPlanAsync(db, request.Details.Plan, cancellationToken);
        var tenant = NewTenant(ruc, subdomain, request.Details);
        if (await IsDatabaseTakenAsync(tenant, cancellationToken)
            && !await db.Set<Tenant>()
                .AnyAsync(t => t.Subdomain == tenant.Subdomain || t.Ruc == tenant.Ruc, cancellationToken)
            && !await SubdomainHolders.Aliases(db, subdomain.Value, time.GetUtcNow()).AnyAsync(cancellationToken))
        {
            throw new RuleException("db_name_taken", tenant.DatabaseName!);
        }

        try
        {
            db.Set<Tenant>().Add(tenant);
            await db.SaveChangesAsync(cancellationToken);
            Guid? operation = request.Provision ? provisioning.Start(db, actor, tenant) : null;
            await audit.CommitAsync(db, actor, Created(tenant, request.Details, operation), cancellationToken);
            return new RegisteredTenant(tenant.Id, operation);
        }
        catch (DbUpdateException e) when (
            e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            await transaction.RollbackAsync(cancellationToken);
            throw await FindConflictAsync(ruc, subdomain, tenant.DatabaseName!, cancellationToken);
        }
    }

    /// <exception cref="InvalidInputException">There is no such plan.</exception>
    internal static async Task<Plan> DemandPlanAsync(
        MasterContext db, string? plan, CancellationToken cancellationToken) =>
        await db.Set<Plan>().AsNoTracking().SingleOrDefaultAsync(p => p.Code == plan, cancellationToken)
            ?? throw new InvalidInputException("plan", new Message("plan_unknown", plan ?? ""));

    private Tenant NewTenant(Ruc ruc, Subdomain subdomain, TenantDetails details)
    {
        var tenant = Tenant.Register(ruc, subdomain, time.GetUtcNow());
        Fill(tenant, details);
        return tenant;
    }

    /// <summary>Writes the details into a new row, and the end of a demo.</summary>
    internal void Fill(Tenant tenant, TenantDetails details)
    {
        var now = time.GetUtcNow();
        foreach (var field in TenantField.All)
        {
            field.Write(tenant, details);
        }

        tenant.SetEnd(details.Environment == TenantEnvironments.Demo
            ? LimaTime.EndOfDayAfter(now, DemoDays) : null, now);
    }

    // Asks the server: somebody may have made the database a moment ago.
    private async Task<bool> IsDatabaseTakenAsync(Tenant tenant, CancellationToken cancellationToken)
    {
        await using var catalogue = await servers.OpenCatalogueAsync(tenant.ServerId!.Value, cancellationToken);
        return await DatabaseDdl.DescribeAsync(catalogue, tenant.DatabaseName!, cancellationToken) is not null;
    }

    internal static AuditEntry Created(Tenant tenant, TenantDetails details, Guid? operation)
    {
        var after = TenantField.All.ToDictionary(f => f.Name, f => f.Audited(details));
        after["ruc"] = tenant.Ruc;
        after["subdominio"] = tenant.Subdomain;
        after["db_name"] = tenant.DatabaseName;
        after["expires_at"] = tenant.ExpiresAt?.ToString("O", CultureInfo.InvariantCulture);
        return new AuditEntry(
            "tenant.created")
        {
            TenantId = tenant.Id, Ruc = tenant.Ruc, Subdomain = tenant.Subdomain,
            OperationId = operation, After = after
        };
    }

    // Reads the conflict after the error, because the constraints of an adopted registry can have any name.
    internal async Task<RuleException> FindConflictAsync(
        Ruc ruc, Subdomain subdomain, string databaseName, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await db.Set<Tenant>().AsNoTracking().Where(t => t.Ruc == ruc.Value).Select(t => t.LegalName ?? "")
            .FirstOrDefaultAsync(cancellationToken) is { } holder)
        {
            return new RuleException("ruc_taken", holder);
        }

        return await SubdomainHolders.FindAsync(db, subdomain.Value, null, time.GetUtcNow(), cancellationToken)
            is { } other ? SubdomainHolders.Refusal(other)
            : new RuleException("db_name_taken", databaseName);
    }
}
