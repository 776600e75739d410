using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Adoption;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Tenants;

/// <summary>
/// Registers a tenant for a database that no row of the registry names, and adopts that database. Row, operation and
/// records are one transaction.
/// </summary>
// More than five dependencies: one transaction checks the names, adds the row, queues and records.
public sealed class AdoptedRegistration(
    IDbContextFactory<MasterContext> contexts, TenantRegistration registration, AdoptionService adoption,
    OperationQueue queue, AuditTrail audit, TimeProvider time)
{
    private static readonly RegisterTenantValidator Rules = new();

    /// <summary>Adds the tenant with the limits of its plan, and queues the adoption.</summary>
    /// <param name="databaseName">The database. It keeps its name.</param>
    /// <param name="tenant">The new tenant; whether to provision it does not matter.</param>
    /// <param name="request">The conditions that the person accepts and signs.</param>
    /// <exception cref="InvalidInputException">The errors, by field names of the HTTP API.</exception>
    /// <exception cref="RuleException">
    /// An obstacle of the report; <c>owner_statements_needed</c>; <c>password_wrong</c>, <c>confirmation_stale</c>;
    /// <c>ruc_taken</c>, <c>subdominio_taken</c>.
    /// </exception>
    public async Task<RegisteredTenant> RegisterAsync(
        Actor actor, string? databaseName, RegisterTenant tenant, AdoptionRequest request,
        CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsCreate);
        actor.Demand(TenantAction.Adopt.Right);
        var name = AdoptionService.DemandName(databaseName);
        Rules.Validate(tenant).Demand();
        AdoptionService.Demand(request);
        var (ruc, subdomain) = (new Ruc(tenant.Ruc), new Subdomain(tenant.Subdomain!.Trim()));
        var signedWith = await adoption.DemandSignedAsync(actor, name, null, request, cancellationToken);

        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var details = tenant.Details.WithLimitsOf(
            await TenantRegistration.DemandPlanAsync(db, tenant.Details.Plan, cancellationToken));
        await AdoptionService.DemandUnregisteredAsync(db, name, cancellationToken);
        var row = Tenant.RegisterExisting(ruc, subdomain, name, time.GetUtcNow());
        registration.Fill(row, details);
        try
        {
            db.Set<Tenant>().Add(row);
            await db.SaveChangesAsync(cancellationToken);
            var operation = queue.Enqueue(
                db, actor, AdoptionService.AdoptKind, row, AdoptionService.DataOf(name, request));
            await audit.CommitAsync(db, actor,
            [
                TenantRegistration.Created(row, details, null),
                AdoptionService.RecordOf(name, request, signedWith) with
                {
                    TenantId = row.Id,
                    Ruc = row.Ruc,
                    Subdomain = row.Subdomain,
                    OperationId = operation.Id,
                },
            ], cancellationToken);
            return new RegisteredTenant(row.Id, operation.Id);
        }
        catch (DbUpdateException e) when (
            e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            await transaction.RollbackAsync(cancellationToken);
            throw await registration.FindConflictAsync(ruc, subdomain, name, cancellationToken);
        }
    }
}
