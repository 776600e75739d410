using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Isolation;

/// <summary>A tenant whose last proof found that something got through.</summary>
/// <param name="Name">Its legal name, or its sub-domain if it has none.</param>
/// <param name="At">When the proof ended.</param>
public sealed record BrokenIsolation(int TenantId, string Name, Guid ProofId, DateTimeOffset At);

/// <summary>A proof without its attempts, as a list shows it.</summary>
/// <param name="Id">The proof.</param>
/// <param name="Cause">Why it was made.</param>
/// <param name="RoleName">The role that was used.</param>
/// <param name="OperationId">The operation that made it.</param>
public sealed record ProofLine(
    Guid Id, DateTimeOffset FinishedAt, ProofCause Cause, string RoleName, IsolationVerdict Verdict, Guid OperationId);

/// <summary>The effort of a proof of all tenants now.</summary>
/// <param name="Run">How many would be proved.</param>
/// <param name="Cost">About how long it takes.</param>
public sealed record ProofPlan(int Run, WorkCost Cost);

/// <summary>Requests and reads proofs of isolation.</summary>
public sealed class IsolationService(
    IDbContextFactory<MasterContext> contexts, OperationQueue queue, TenantRequests requests, AuditTrail audit)
{
    // Of one tenant among many, before any proof of all has ended.
    internal static readonly TimeSpan UsualProof = TimeSpan.FromMilliseconds(500);

    /// <summary>Requests a proof of one tenant's isolation.</summary>
    /// <returns>The operation's id.</returns>
    /// <exception cref="RuleException">
    /// <c>tenant_unknown</c>, <c>not_ready</c>, <c>operation_running</c>: a proof of this tenant is already queued.
    /// </exception>
    public Task<Guid> ProveAsync(Actor actor, int tenantId, CancellationToken cancellationToken) =>
        requests.EnqueueAsync(
            actor, tenantId, TenantAction.ProveIsolation, new AuditEntry("isolation.proof_requested"), data: null,
            demandAsync: null, cancellationToken);

    /// <summary>Counts what <see cref="ProveAllAsync"/> would do, for a person to confirm.</summary>
    public async Task<ProofPlan> PlanAllAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(TenantAction.ProveIsolation.Right);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var run = await db.Set<Tenant>().CountAsync(t => t.State == TenantState.Ready, cancellationToken);
        return new ProofPlan(run, new WorkCost(run * await WorkEstimates.TimePerTenantAsync(
            db, ProveMany.KindName, UsualProof, cancellationToken)));
    }

    /// <summary>Requests a proof of the isolation of all ready tenants.</summary>
    /// <returns>The operation's id.</returns>
    /// <exception cref="ForbiddenException">The right is not held, or the actor has a tenant scope.</exception>
    /// <exception cref="RuleException">
    /// <c>operation_running</c>: a proof of all tenants has not ended, the nightly one or another person's.
    /// </exception>
    public async Task<Guid> ProveAllAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(TenantAction.ProveIsolation.Right);
        if (actor.TenantScope is not null)
        {
            throw new ForbiddenException(TenantAction.ProveIsolation.Right);
        }

        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await ProveMany.DemandOnlyAsync(db, null, cancellationToken);
        var operation = queue.Enqueue(
            db, actor, ProveMany.KindName, (OperationTarget?)null, null, OperationQueue.Person);
        await audit.CommitAsync(
            db, actor, new AuditEntry("isolation.proof_requested") { OperationId = operation.Id }, cancellationToken);
        return operation.Id;
    }

    /// <summary>Returns the last proof of a tenant; null when there was none.</summary>
    public async Task<IsolationProof?> LastAsync(Actor actor, int tenantId, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return Redact(actor,
            await LastOfOwn(db).AsNoTracking().SingleOrDefaultAsync(p => p.TenantId == tenantId, cancellationToken));
    }

    /// <summary>Returns the last proofs of several tenants, by tenant; tenants without a proof are left out.</summary>
    public async Task<IReadOnlyDictionary<int, ProofLine>> LastOfAsync(
        Actor actor, IReadOnlyCollection<int> tenantIds, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await LastOfOwn(db).AsNoTracking().Where(p => p.TenantId != null && tenantIds.Contains(p.TenantId.Value))
            .Select(p => new
            {
                TenantId = p.TenantId!.Value,
                Line = new ProofLine(p.Id, p.FinishedAt, p.Cause, p.RoleName, p.Verdict, p.OperationId)
            })
            .ToDictionaryAsync(p => p.TenantId, p => p.Line, cancellationToken);
    }

    /// <summary>Returns one proof of a tenant with its attempts; null when it is no longer kept.</summary>
    public async Task<IsolationProof?> FindAsync(
        Actor actor, int tenantId, Guid proofId, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return Redact(actor,
            await db.Set<IsolationProof>().AsNoTracking()
            .SingleOrDefaultAsync(p => p.TenantId == tenantId && p.Id == proofId, cancellationToken));
    }

    /// <summary>
    /// Returns the proof that an operation on one tenant made; null when it made none or it is no longer kept.
    /// </summary>
    public async Task<IsolationProof?> OfOperationAsync(
        Actor actor, Guid operationId, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return Redact(actor, await db.Set<IsolationProof>().AsNoTracking().Where(p => p.OperationId == operationId)
            .OrderByDescending(p => p.FinishedAt).FirstOrDefaultAsync(cancellationToken));
    }

    /// <summary>Lists the proofs of a tenant, newest first.</summary>
    public async Task<IReadOnlyList<ProofLine>> HistoryAsync(
        Actor actor, int tenantId, int most, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await db.Set<IsolationProof>().AsNoTracking().Where(p => p.TenantId == tenantId)
            .OrderByDescending(p => p.FinishedAt).Take(most)
            .Select(p => new ProofLine(p.Id, p.FinishedAt, p.Cause, p.RoleName, p.Verdict, p.OperationId))
                .ToListAsync(cancellationToken);
    }

    /// <summary>
    /// Lists the tenants whose last proof found that something got through, newest first: up to one more than
    /// <see cref="ListTotal.Most"/>.
    /// </summary>
    public async Task<IReadOnlyList<BrokenIsolation>> BrokenAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await (
            from proof in LastOfOwn(db)
            join tenant in db.Set<Tenant>() on proof.TenantId equals (int?)tenant.Id
            where proof.Verdict == IsolationVerdict.Broken
            orderby proof.FinishedAt descending
            select new BrokenIsolation(
                tenant.Id, tenant.LegalName ?? tenant.Subdomain ?? "", proof.Id, proof.FinishedAt))
                .Take(ListTotal.Most + 1).ToListAsync(cancellationToken);
    }

    /// <summary>
    /// The newest proof of each tenant's own database, not of copies that stand next to it. Usable inside other
    /// queries.
    /// </summary>
    internal static IQueryable<IsolationProof> LastOfOwn(MasterContext db) => db.Set<IsolationProof>().Where(
        p => p.IsLast && OwnDatabases.Of(db).Any(d => d.Id == p.DatabaseId && d.TenantId == p.TenantId));

    // An actor with a tenant scope must not learn the names of other tenants from the attempts against them.
    private static IsolationProof? Redact(Actor actor, IsolationProof? proof) =>
        proof is null || actor.TenantScope is null ? proof : new IsolationProof
        {
            Id = proof.Id,
            DatabaseId = proof.DatabaseId,
            CredentialId = proof.CredentialId,
            TenantId = proof.TenantId,
            Ruc = proof.Ruc,
            Subdomain = proof.Subdomain,
            OperationId = proof.OperationId,
            Cause = proof.Cause,
            RoleName = proof.RoleName,
            StartedAt = proof.StartedAt,
            FinishedAt = proof.FinishedAt,
            Verdict = proof.Verdict,
            IsLast = proof.IsLast,
            Attempts = [.. proof.Attempts.Select(
            a => IsolationVerdicts.NamesOtherTenants(a.Code)
            ? a with { Target = null,
            Detail = a.IsUndecided || a.Detail == IsolationAttempt.NotApplicable ? a.Detail : null } : a)],
        };
}
