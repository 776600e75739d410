using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Audit;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Operations;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;

namespace Vigia.Core.Isolation;

/// <summary>A client whose last proof found that something gets through.</summary>
/// <param name="TenantId">The client.</param>
/// <param name="Name">Its legal name, else its sub-domain.</param>
/// <param name="ProofId">The proof.</param>
/// <param name="At">When it was made.</param>
public sealed record BrokenIsolation(int TenantId, string Name, Guid ProofId, DateTimeOffset At);

/// <summary>A proof without its attempts, as a list shows it.</summary>
/// <param name="Id">The proof.</param>
/// <param name="FinishedAt">When it ended.</param>
/// <param name="Cause">Why it was made.</param>
/// <param name="RoleName">The role that tried.</param>
/// <param name="Verdict">What it came to.</param>
/// <param name="OperationId">The operation that made it.</param>
public sealed record ProofLine(Guid Id, DateTimeOffset FinishedAt, ProofCause Cause, string RoleName, IsolationVerdict Verdict, Guid OperationId);

/// <summary>Proofs of isolation: asked for, and read.</summary>
public sealed class IsolationService(IDbContextFactory<MasterContext> contexts, OperationQueue queue, AuditTrail audit)
{
    /// <summary>Has the isolation of one client proved now.</summary>
    /// <returns>The operation's id.</returns>
    /// <exception cref="RuleException"><c>tenant_unknown</c>, <c>not_ready</c>, <c>operation_running</c>: a proof of this client is queued already.</exception>
    public async Task<Guid> ProveAsync(Actor actor, int tenantId, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsIsolationProve);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await TenantRow.LockAsync(db, tenantId, cancellationToken);
        if (tenant.State != TenantState.Ready)
        {
            throw new RuleException("not_ready");
        }

        var operation = queue.Enqueue(db, actor, ProveTenant.KindName, tenant);
        try
        {
            await audit.CommitAsync(db, actor, new AuditEntry("isolation.proof_requested")
            {
                TenantId = tenant.Id, Ruc = tenant.Ruc, Subdomain = tenant.Subdomain, OperationId = operation.Id,
            }, cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            throw new RuleException("operation_running");
        }

        return operation.Id;
    }

    /// <summary>Has the isolation of every ready client proved now.</summary>
    /// <returns>The operation's id.</returns>
    /// <exception cref="ForbiddenException">Also for who may know of chosen clients only.</exception>
    public async Task<Guid> ProveAllAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsIsolationProve);
        if (actor.TenantScope is not null)
        {
            throw new ForbiddenException(Rights.TenantsIsolationProve);
        }

        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var operation = queue.Enqueue(db, actor, ProveMany.KindName, (OperationTarget?)null, null, OperationQueue.Person);
        await audit.CommitAsync(db, actor, new AuditEntry("isolation.proof_requested") { OperationId = operation.Id }, cancellationToken);
        return operation.Id;
    }

    /// <summary>The last proof of a client; null when there has been none.</summary>
    public async Task<IsolationProof?> LastAsync(Actor actor, int tenantId, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return ForEyesOf(actor, await db.IsolationProofs.AsNoTracking().SingleOrDefaultAsync(p => p.TenantId == tenantId && p.IsLast, cancellationToken));
    }

    /// <summary>The last proofs of several clients, by client; who has none is not in it.</summary>
    public async Task<IReadOnlyDictionary<int, ProofLine>> LastOfAsync(Actor actor, IReadOnlyCollection<int> tenantIds, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await db.IsolationProofs.AsNoTracking().Where(p => p.IsLast && tenantIds.Contains(p.TenantId))
            .Select(p => new { p.TenantId, Line = new ProofLine(p.Id, p.FinishedAt, p.Cause, p.RoleName, p.Verdict, p.OperationId) })
            .ToDictionaryAsync(p => p.TenantId, p => p.Line, cancellationToken);
    }

    /// <summary>One proof of a client with its attempts; null when it is not kept any more.</summary>
    public async Task<IsolationProof?> FindAsync(Actor actor, int tenantId, Guid proofId, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return ForEyesOf(actor, await db.IsolationProofs.AsNoTracking().SingleOrDefaultAsync(p => p.TenantId == tenantId && p.Id == proofId, cancellationToken));
    }

    /// <summary>The proofs of a client, newest first.</summary>
    public async Task<IReadOnlyList<ProofLine>> HistoryAsync(Actor actor, int tenantId, int most, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await db.IsolationProofs.AsNoTracking().Where(p => p.TenantId == tenantId).OrderByDescending(p => p.FinishedAt).Take(most)
            .Select(p => new ProofLine(p.Id, p.FinishedAt, p.Cause, p.RoleName, p.Verdict, p.OperationId)).ToListAsync(cancellationToken);
    }

    /// <summary>The clients whose last proof found that something gets through, newest first.</summary>
    public async Task<IReadOnlyList<BrokenIsolation>> BrokenAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await (
            from proof in db.IsolationProofs
            join tenant in db.Tenants on proof.TenantId equals tenant.Id
            where proof.IsLast && proof.Verdict == IsolationVerdict.Broken
            orderby proof.FinishedAt descending
            select new BrokenIsolation(tenant.Id, tenant.LegalName ?? tenant.Subdomain ?? "", proof.Id, proof.FinishedAt)).ToListAsync(cancellationToken);
    }

    // Who may know of chosen clients only does not learn the others' names from what was tried against them.
    private static IsolationProof? ForEyesOf(Actor actor, IsolationProof? proof) => proof is null || actor.TenantScope is null ? proof : new IsolationProof
    {
        Id = proof.Id,
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
        Attempts = [.. proof.Attempts.Select(a => IsolationVerdicts.NamesClients(a.Code) ? a with { Target = null, Detail = a.IsUndecided || a.Detail == IsolationAttempt.NotApplicable ? a.Detail : null } : a)],
    };
}
