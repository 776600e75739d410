using System.Globalization;
using System.Runtime.ExceptionServices;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Isolation;

/// <summary>The proof as a step of an operation: makes it, stores it, and fails when something got through.</summary>
internal sealed class ProofSteps(IsolationProver prover, ProofRecords records)
{
    /// <summary>A new tenant is tried against fewer databases; the nightly proof tries more.</summary>
    private const int FewOthers = 3;

    /// <summary>
    /// Proves the isolation of a tenant that is being provisioned: a tenant with broken isolation never becomes ready,
    /// and an attempt that could not be made is repeated.
    /// </summary>
    /// <exception cref="RuleException"><c>isolation_broken</c>.</exception>
    public async Task ProveNewAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        if (await db.Set<Tenant>()
            .AnyAsync(t => t.Id == context.TenantId && t.State == TenantState.Ready, cancellationToken))
        {
            return;
        }

        var database = await OwnDatabases.Of(db, context.TenantId).Select(d => d.Name).SingleAsync(cancellationToken);
        await ProveAsync(context, database, ProofCause.Provisioning, cancellationToken);
    }

    /// <summary>
    /// Proves the isolation of a tenant that is about to become ready, in a database whose name the caller knows.
    /// </summary>
    /// <exception cref="RuleException"><c>isolation_broken</c>.</exception>
    public async Task ProveAsync(
        OperationContext context, string database, ProofCause cause, CancellationToken cancellationToken)
    {
        var result = await prover.TryAsync(context.TenantId, database, FewOthers, null, cancellationToken);
        if (result is { Verdict: IsolationVerdict.Unknown, FirstError: { } firstError })
        {
            // Handled like any other error of the server: retried when that may help.
            ExceptionDispatchInfo.Throw(firstError);
        }

        await RecordAsync(context, context.TenantId, cause, result, cancellationToken);
        Demand(result);
    }

    /// <summary>Proves the isolation of a ready tenant at a person's request.</summary>
    /// <exception cref="RuleException"><c>isolation_broken</c>, <c>isolation_unknown</c>, <c>not_ready</c>.</exception>
    public async Task ProveOneAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var tenant = await db.Set<Tenant>().AsNoTracking()
            .SingleOrDefaultAsync(t => t.Id == context.TenantId, cancellationToken);
        if (tenant is not { State: TenantState.Ready })
        {
            throw new RuleException(tenant is null ? "tenant_unknown" : "not_ready");
        }

        var result = await prover.TryAsync(tenant.Id, tenant.DatabaseName!, null, (over, total) => context.ReportAsync(
            new Message("proof_progress", over.ToString(CultureInfo.InvariantCulture),
                total.ToString(CultureInfo.InvariantCulture)), cancellationToken, 100 * over / total),
                cancellationToken);
        await RecordAsync(context, tenant.Id, ProofCause.Manual, result, cancellationToken);
        Demand(result);
    }

    /// <summary>Stores a proof.</summary>
    /// <returns>Whether a person has asked to cancel in the meantime.</returns>
    public async Task<bool> RecordAsync(
        OperationContext context, int tenantId, ProofCause cause, ProofResult result,
        CancellationToken cancellationToken, Action<MasterContext>? also = null)
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

    /// <summary>The problem as a message; null when there is none.</summary>
    public static Message? Problem(ProofResult result) => result.Verdict switch
    {
        IsolationVerdict.Broken => IsolationVerdicts.Broken(result.Attempts),
        IsolationVerdict.Unknown =>
            new Message(
                "isolation_unknown",
                result.FirstError is Npgsql.PostgresException e ? e.MessageText : result.FirstError?.Message ?? "?")
                .Bounded(),
        _ => null,
    };
}
