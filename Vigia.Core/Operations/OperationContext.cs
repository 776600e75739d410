using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Audit;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;

namespace Vigia.Core.Operations;

/// <summary>What a step has in hand: the operation, fenced sessions, fenced transactions in the master, and its progress.</summary>
public sealed class OperationContext(
    Claim claim, Operation operation, OperationFence fence, IDbContextFactory<MasterContext> contexts, AuditTrail audit, OperationProgress progress,
    OperationQueue queue)
{
    /// <summary>The row as it was when claimed.</summary>
    public Operation Operation { get; } = operation;

    public Guid OperationId => Operation.Id;

    /// <summary>The client it works on.</summary>
    /// <exception cref="InvalidOperationException">The operation has none.</exception>
    public int TenantId => Operation.TenantId ?? throw new InvalidOperationException($"Operation {OperationId} has no tenant.");

    /// <summary>Who asked for it, as the audit trail prints them; rights were demanded when it was asked for.</summary>
    public Actor Actor { get; } = new(operation.RequestedBy, operation.RequestedByName, null, []);

    /// <summary>The data given when it was enqueued.</summary>
    public T Data<T>() => JsonSerializer.Deserialize<T>(Operation.Data)!;

    /// <summary>A short context for reading; write through <see cref="CommitAsync"/>.</summary>
    public Task<MasterContext> OpenMasterAsync(CancellationToken cancellationToken) => contexts.CreateDbContextAsync(cancellationToken);

    /// <summary>A fenced session with the portal's own role in <paramref name="database"/> on the operation's server; one at a time in a database.</summary>
    public Task<NpgsqlConnection> OpenDatabaseAsync(string database, CancellationToken cancellationToken) =>
        fence.OpenAsync(claim, Operation.ServerId, database, cancellationToken);

    /// <summary>Saves and commits only while the operation is still ours: the row is locked, its epoch compared, in the same transaction.</summary>
    /// <returns>Whether a person asked to cancel meanwhile; what was to be written is written.</returns>
    /// <exception cref="OperationLostException">Another worker has the operation; nothing was written.</exception>
    public async Task<bool> CommitAsync(MasterContext db, IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken)
    {
        var transaction = db.Database.CurrentTransaction ?? await db.Database.BeginTransactionAsync(cancellationToken);
        await using (transaction)
        {
            var ours = await db.Operations.FromSql($"SELECT * FROM portal.operations WHERE id = {claim.Id} AND epoch = {claim.Epoch} FOR UPDATE")
                .AsNoTracking().Select(o => new { o.State }).SingleOrDefaultAsync(cancellationToken) ?? throw new OperationLostException(claim.Id);
            await audit.CommitAsync(db, Actor, entries, cancellationToken);
            return ours.State == OperationState.Cancelling;
        }
    }

    /// <summary>Queues an operation that this one begins, for the same person and in the same trace; the caller commits.</summary>
    /// <returns>Its id.</returns>
    public Guid Begin(MasterContext db, string kind, Tenant tenant) => queue.Enqueue(db, Actor, kind, tenant).Id;

    /// <summary>
    /// Queues an operation that this one waits for: its end, or its going to rest, ends this one's pause (<see cref="NotYetException"/>). It is background
    /// work, so that many of them don't stand before what people ask for meanwhile. The caller commits.
    /// </summary>
    /// <returns>Its id.</returns>
    public Guid BeginChild(MasterContext db, string kind, Tenant tenant, object? data) => queue.EnqueueChild(db, Actor, kind, tenant, data, OperationId).Id;

    /// <summary>Shows what the present step is doing.</summary>
    /// <param name="detail">In words.</param>
    /// <param name="cancellationToken">Ends the write.</param>
    /// <param name="percent">How far the operation is, when a step knows better than the number of steps that are done.</param>
    public Task ReportAsync(Message detail, CancellationToken cancellationToken, int? percent = null) => progress.DetailAsync(claim, detail, percent, cancellationToken);
}
