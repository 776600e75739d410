using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Vigia.Core.Audit;
using Vigia.Core.Configuration;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Provisioning;
using Vigia.Core.Staff;
using Vigia.Core.Text;

namespace Vigia.Core.Tenants;

/// <summary>Registers clients. Row, operation and audit record are one transaction; the unique indexes decide between two at the same instant.</summary>
public sealed class TenantRegistration(
    IDbContextFactory<MasterContext> contexts, TenantProvisioning provisioning, AuditTrail audit, IOptions<DemoOptions> demo, TimeProvider time)
{
    private static readonly RegisterTenantValidator Rules = new();

    /// <summary>Adds a client to the registry and, when asked, queues the making of its database.</summary>
    /// <exception cref="InvalidInputException">By the HTTP API's field names.</exception>
    /// <exception cref="RuleException"><c>ruc_taken</c>, <c>subdominio_taken</c>, <c>db_name_taken</c>: each names the holder.</exception>
    public async Task<RegisteredTenant> RegisterAsync(Actor actor, RegisterTenant request, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsCreate);
        if (request.Provision)
        {
            actor.Demand(Rights.TenantsProvision);
        }

        Rules.Validate(request).Demand();
        var ruc = new Ruc(request.Ruc);
        var subdomain = new Subdomain(request.Subdomain!.Trim());
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await DemandPlanAsync(db, request.Details.Plan, cancellationToken);
        var tenant = NewTenant(ruc, subdomain, request.Details);
        if (await db.ServerDatabases.AnyAsync(d => d.Name == tenant.DatabaseName, cancellationToken)
            && !await db.Tenants.AnyAsync(t => t.Subdomain == tenant.Subdomain || t.Ruc == tenant.Ruc, cancellationToken))
        {
            throw new RuleException("db_name_taken", tenant.DatabaseName!);
        }

        try
        {
            db.Tenants.Add(tenant);
            await db.SaveChangesAsync(cancellationToken);
            Guid? operation = request.Provision ? provisioning.Start(db, actor, tenant) : null;
            await audit.CommitAsync(db, actor, Created(tenant, request.Details, operation), cancellationToken);
            return new RegisteredTenant(tenant.Id, operation);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            await transaction.RollbackAsync(cancellationToken);
            throw await TakenAsync(ruc, subdomain, tenant.DatabaseName!, cancellationToken);
        }
    }

    /// <exception cref="InvalidInputException">No such plan.</exception>
    internal static async Task DemandPlanAsync(MasterContext db, string? plan, CancellationToken cancellationToken)
    {
        if (!await db.Plans.AnyAsync(p => p.Code == plan, cancellationToken))
        {
            throw new InvalidInputException("plan", new Message("plan_unknown", plan ?? ""));
        }
    }

    private Tenant NewTenant(Ruc ruc, Subdomain subdomain, TenantDetails details)
    {
        var now = time.GetUtcNow();
        var tenant = new Tenant
        {
            Ruc = ruc.Value,
            Subdomain = subdomain.Value,
            DatabaseName = DatabaseName.For(subdomain).Value,
            ServerId = 1,
            State = TenantState.Registered,
            LimitsRevision = 1,
            CreatedAt = now,
            UpdatedAt = now,
        };
        foreach (var field in TenantField.All)
        {
            field.Write(tenant, details);
        }

        tenant.ExpiresAt = details.Environment == TenantEnvironments.Demo ? LimaCalendar.EndOfDayAfter(now, demo.Value.Days) : null;
        return tenant;
    }

    private static AuditEntry Created(Tenant tenant, TenantDetails details, Guid? operation)
    {
        var after = TenantField.All.ToDictionary(f => f.Name, f => f.Audited(details));
        after["ruc"] = tenant.Ruc;
        after["subdominio"] = tenant.Subdomain;
        after["db_name"] = tenant.DatabaseName;
        after["expires_at"] = tenant.ExpiresAt?.ToString("O", CultureInfo.InvariantCulture);
        return new AuditEntry("tenant.created") { TenantId = tenant.Id, Ruc = tenant.Ruc, Subdomain = tenant.Subdomain, OperationId = operation, After = after };
    }

    // Asked after the fact, because an adopted registry's constraints may have any name.
    private async Task<RuleException> TakenAsync(Ruc ruc, Subdomain subdomain, string databaseName, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var holders = await db.Tenants.AsNoTracking()
            .Where(t => t.Ruc == ruc.Value || t.Subdomain == subdomain.Value || t.DatabaseName == databaseName)
            .Select(t => new { t.Ruc, t.Subdomain, t.LegalName }).ToListAsync(cancellationToken);
        return holders switch
        {
            _ when holders.Find(h => h.Ruc == ruc.Value) is { } holder => new RuleException("ruc_taken", holder.LegalName ?? ""),
            _ when holders.Find(h => h.Subdomain == subdomain.Value) is { } holder => new RuleException("subdominio_taken", holder.LegalName ?? ""),
            _ => new RuleException("db_name_taken", databaseName),
        };
    }
}
