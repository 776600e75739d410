using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Operations;

/// <summary>
/// The tools of a step: the operation, fenced sessions, fenced transactions in the master, and its progress.
/// </summary>
// More than five dependencies: it is the one parameter of every step, so it has all that a step may use.
public sealed class OperationContext(
    Claim claim, Operation operation, OperationSessions sessions, IDbContextFactory<MasterContext> contexts,
    AuditTrail audit, OperationProgress progress, OperationQueue queue)
{
    /// <summary>The row at the time of the claim.</summary>
    public Operation Operation { get; } = operation;

    public Guid OperationId => Operation.Id;

    /// <summary>The tenant of the operation.</summary>
    /// <exception cref="InvalidOperationException">The operation has no tenant.</exception>
    public int TenantId =>
        Operation.TenantId ?? throw new InvalidOperationException($"Operation {OperationId} has no tenant.");

    /// <summary>
    /// The person who requested the operation, as the audit trail prints them. Their rights were checked at the
    /// request.
    /// </summary>
    public Actor Actor { get; } = new(operation.RequestedBy, operation.RequestedByName, null, []);

    /// <summary>Reads the data that was given when the operation was queued.</summary>
    public T Data<T>() => JsonSerializer.Deserialize<T>(Operation.Data)!;

    /// <summary>Opens a short-lived context for reading. Writes go through <see cref="CommitAsync"/>.</summary>
    public Task<MasterContext> OpenMasterAsync(CancellationToken cancellationToken) =>
        contexts.CreateDbContextAsync(cancellationToken);

    /// <summary>
    /// Opens a fenced session with the portal's own role in <paramref name="database"/> on the operation's server. A
    /// database can have only one such session at a time.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// The database is neither the maintenance database nor an unclaimed one.
    /// <see cref="OpenTenantDatabaseAsync(CancellationToken)"/> opens tenant databases, because it checks the marker.
    /// </exception>
    public Task<NpgsqlConnection> OpenDatabaseAsync(string database, CancellationToken cancellationToken) =>
        sessions.OpenAsync(claim, Operation.ServerId, database, cancellationToken);

    /// <summary>
    /// Opens a fenced session with the portal's own role in the tenant's database, after checking its marker on that
    /// session.
    /// </summary>
    /// <exception cref="DatabaseConflictException">
    /// <c>database_not_ours</c>. A ready tenant becomes unmanaged.
    /// </exception>
    /// <exception cref="RuleException">
    /// <c>database_missing</c>, <c>database_unreachable</c>, <c>tenant_unmanaged</c>.
    /// </exception>
    public Task<NpgsqlConnection> OpenTenantDatabaseAsync(CancellationToken cancellationToken) =>
        sessions.OpenTenantAsync(claim, Operation, cancellationToken);

    /// <summary>Opens the tenant's database under a name that the master does not have yet, or no longer has.</summary>
    /// <inheritdoc cref="OpenTenantDatabaseAsync(CancellationToken)"/>
    public Task<NpgsqlConnection> OpenTenantDatabaseAsync(string name, CancellationToken cancellationToken) =>
        sessions.OpenTenantAsync(claim, Operation, name, cancellationToken);

    /// <summary>
    /// Opens a fenced session in a database without checking its marker. The caller must check it on this session
    /// before acting.
    /// </summary>
    /// <exception cref="RuleException"><c>database_missing</c>, <c>database_unreachable</c>.</exception>
    internal Task<NpgsqlConnection> OpenUncheckedAsync(string name, CancellationToken cancellationToken) =>
        sessions.OpenUncheckedAsync(claim, Operation.ServerId, name, cancellationToken);

    /// <summary>
    /// Saves and commits only while the claim is valid: the same transaction locks the operation's row and compares its
    /// epoch.
    /// </summary>
    /// <returns>Whether a person asked to cancel in the meantime. The changes are written anyway.</returns>
    /// <exception cref="OperationLostException">Another worker has the operation. Nothing was written.</exception>
    public async Task<bool> CommitAsync(
        MasterContext db, IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken)
    {
        var transaction = db.Database.CurrentTransaction ?? await db.Database.BeginTransactionAsync(cancellationToken);
        await using (transaction)
        {
            var ours = await db.Set<Operation>()
                .FromSql($"SELECT * FROM portal.operations WHERE id = {claim.Id} AND epoch = {claim.Epoch} FOR UPDATE")
                .AsNoTracking().Select(o => new { o.State }).SingleOrDefaultAsync(cancellationToken)
                    ?? throw new OperationLostException(claim.Id);
            if (claim.Crashes > 0 && Operation.ItemCount is not null)
            {
                // For an operation on many tenants each result is progress. An earlier crash says nothing about the
                // next tenant.
                await db.Set<Operation>().Where(o => o.Id == claim.Id && o.Crashes > 0)
                    .ExecuteUpdateAsync(s => s.SetProperty(o => o.Crashes, 0), cancellationToken);
            }

            await audit.CommitAsync(db, Actor, entries, cancellationToken);
            return ours.State == OperationState.Cancelling;
        }
    }

    /// <summary>Queues an operation for the same person and in the same trace. The caller commits.</summary>
    /// <returns>The id of the new operation.</returns>
    public Guid Begin(MasterContext db, OperationKind kind, Tenant tenant) => queue.Enqueue(db, Actor, kind, tenant).Id;

    /// <summary>
    /// Queues background work in the portal's own name, not in the name of the person who requested this operation. The
    /// caller commits.
    /// </summary>
    /// <returns>Its id.</returns>
    public Guid BeginBackground(MasterContext db, OperationKind kind, OperationTarget target, object? data) =>
        queue.Enqueue(db, Actor.System, kind, target, data, OperationQueue.Background).Id;

    /// <summary>
    /// Queues an operation that this one waits for: its end, or its going to rest, ends this one's pause
    /// (<see cref="NotYetException"/>). It is background work, so that many of them don't stand before what people ask
    /// for meanwhile. The caller commits.
    /// </summary>
    /// <returns>The id of the new operation.</returns>
    public Guid BeginChild(MasterContext db, OperationKind kind, Tenant tenant, object? data) =>
        queue.EnqueueChild(db, Actor, kind, tenant, data, OperationId).Id;

    /// <summary>
    /// Shows what the present step is doing. With <paramref name="percent"/>, the step sets the operation's progress
    /// itself. Otherwise the progress is the share of finished steps.
    /// </summary>
    public Task ReportAsync(Message detail, CancellationToken cancellationToken, int? percent = null) =>
        progress.SetDetailAsync(claim, detail, percent, cancellationToken);
}
