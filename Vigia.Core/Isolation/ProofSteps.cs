using System.Globalization;
using System.Runtime.ExceptionServices;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Tenants;

namespace Vigia.Core.Isolation;

/// <summary>The proof as a step of an operation: tried, kept, and an error when something got through.</summary>
internal sealed class ProofSteps(IsolationProver prover, ProofRecords records)
{
    /// <summary>Before a client goes live fewer others are tried: the night's proof tries more.</summary>
    private const int FewOthers = 3;

    /// <summary>Of a client being provisioned: nothing broken ever goes live, and what could not be tried is tried again.</summary>
    /// <exception cref="RuleException"><c>isolation_broken</c>.</exception>
    public async Task ProveNewAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        if (await db.Tenants.AnyAsync(t => t.Id == context.TenantId && t.State == TenantState.Ready, cancellationToken))
        {
            return;
        }

        var database = await db.Databases.Where(d => d.TenantId == context.TenantId).Select(d => d.Name).SingleAsync(cancellationToken);
        await ProveAsync(context, database, ProofCause.Provisioning, cancellationToken);
    }

    /// <summary>Of a client that is about to be taken into use, in a database whose name the caller knows.</summary>
    /// <exception cref="RuleException"><c>isolation_broken</c>.</exception>
    public async Task ProveAsync(OperationContext context, string database, ProofCause cause, CancellationToken cancellationToken)
    {
        var result = await prover.TryAsync(context.TenantId, database, FewOthers, null, cancellationToken);
        if (result is { Verdict: IsolationVerdict.Unknown, Trouble: { } trouble })
        {
            // As any other error of the server: it is tried again where that may help.
            ExceptionDispatchInfo.Throw(trouble);
        }

        await KeepAsync(context, context.TenantId, cause, result, cancellationToken);
        Demand(result);
    }

    /// <summary>Of the ready client that a person asked to have proved.</summary>
    /// <exception cref="RuleException"><c>isolation_broken</c>, <c>isolation_unknown</c>, <c>not_ready</c>.</exception>
    public async Task ProveOneAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var tenant = await db.Tenants.AsNoTracking().SingleOrDefaultAsync(t => t.Id == context.TenantId, cancellationToken);
        if (tenant is not { State: TenantState.Ready })
        {
            throw new RuleException(tenant is null ? "tenant_unknown" : "not_ready");
        }

        var result = await prover.TryAsync(tenant.Id, tenant.DatabaseName!, null, (over, total) => context.ReportAsync(
            new Message("proof_progress", over.ToString(CultureInfo.InvariantCulture), total.ToString(CultureInfo.InvariantCulture)), cancellationToken, 100 * over / total), cancellationToken);
        await KeepAsync(context, tenant.Id, ProofCause.Manual, result, cancellationToken);
        Demand(result);
    }

    /// <summary>Writes a proof down.</summary>
    /// <returns>Whether a person asked to cancel meanwhile.</returns>
    public async Task<bool> KeepAsync(OperationContext context, int tenantId, ProofCause cause, ProofResult result, CancellationToken cancellationToken, Action<Master.MasterContext>? also = null)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await TenantRow.LockAsync(db, tenantId, cancellationToken);
        var entries = await records.AddAsync(db, context, tenant, cause, result, cancellationToken);
        also?.Invoke(db);
        return await context.CommitAsync(db, entries, cancellationToken);
    }

    /// <exception cref="RuleException"><c>isolation_broken</c>, <c>isolation_unknown</c>.</exception>
    public static void Demand(ProofResult result)
    {
        if (Problem(result) is { } problem)
        {
            throw new RuleException(problem);
        }
    }

    /// <summary>What is wrong in words; null when nothing is.</summary>
    public static Message? Problem(ProofResult result) => result.Verdict switch
    {
        IsolationVerdict.Broken => IsolationVerdicts.Broken(result.Attempts),
        IsolationVerdict.Unknown => new Message("isolation_unknown", result.Trouble is Npgsql.PostgresException e ? e.MessageText : result.Trouble?.Message ?? "?"),
        _ => null,
    };
}
