using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Audit;
using Vigia.Core.Databases;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;

namespace Vigia.Core.Deletion;

/// <summary>Into the trash: refuse connections, end sessions, rename, move the registry row.</summary>
internal sealed class TrashSteps(MasterIdentity identity, ServerConnections servers, TimeProvider time)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan SessionsMayTake = TimeSpan.FromSeconds(20);

    public static string TrashName(Guid databaseId) => $"vigia_trash_{databaseId:N}";

    public Task BlockAsync(OperationContext context, CancellationToken cancellationToken) =>
        OnDatabaseAsync(context, (session, marker, name, _) => DatabaseDdl.BlockAsync(session, marker, name, cancellationToken), cancellationToken);

    public Task UnblockAsync(OperationContext context, CancellationToken cancellationToken) =>
        OnDatabaseAsync(context, (session, marker, name, _) => DatabaseDdl.AllowAsync(session, marker, name, cancellationToken), cancellationToken);

    public Task TerminateAsync(OperationContext context, CancellationToken cancellationToken) =>
        OnDatabaseAsync(context, async (session, _, name, _) =>
        {
            // New connections are refused by now; what was just being opened when that happened is found by looking again.
            var started = time.GetTimestamp();
            while (true)
            {
                var sessions = await DatabaseDdl.TerminateSessionsAsync(session, name, cancellationToken);
                if (sessions.Remaining == 0)
                {
                    return;
                }

                if (sessions.NotPermitted is [var held, ..])
                {
                    throw new PersonNeededException("session_of_superuser", held.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture), held.User, held.Application);
                }

                if (time.GetElapsedTime(started) > SessionsMayTake)
                {
                    throw new TimeoutException("Sessions do not end.");
                }

                await Task.Delay(LookAgain, time, cancellationToken);
            }
        }, cancellationToken);

    public async Task MoveToTrashAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        if (await db.Trash.AnyAsync(t => t.Id == context.TenantId, cancellationToken))
        {
            return;
        }

        long? size = null;
        await OnDatabaseAsync(context, async (session, marker, name, _) =>
        {
            size = await DatabaseDdl.SizeAsync(session, name, cancellationToken);
            var target = TrashName(DatabaseMarker.DatabaseIdOf(marker));
            if (name != target)
            {
                await DatabaseDdl.RenameAsync(session, marker, name, target, cancellationToken);
            }
        }, cancellationToken);
        await WriteAsync(context, db, size, cancellationToken);
    }

    /// <summary>Undoes a rename whose registry change was not committed: the registry still says the old name.</summary>
    public Task TakeBackAsync(OperationContext context, CancellationToken cancellationToken) =>
        OnDatabaseAsync(context, async (session, marker, name, recorded) =>
        {
            if (name != recorded)
            {
                await DatabaseDdl.RenameAsync(session, marker, name, recorded, cancellationToken);
            }
        }, cancellationToken);

    private async Task WriteAsync(OperationContext context, MasterContext db, long? size, CancellationToken cancellationToken)
    {
        var data = context.Data<DeletionData>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await db.Tenants.SingleAsync(t => t.Id == context.TenantId, cancellationToken);
        var database = await db.Databases.SingleOrDefaultAsync(d => d.TenantId == context.TenantId, cancellationToken);
        var now = time.GetUtcNow();
        db.Trash.Add(new TrashedTenant
        {
            Id = tenant.Id,
            Ruc = tenant.Ruc ?? "",
            LegalName = tenant.LegalName ?? "",
            Subdomain = tenant.Subdomain ?? "",
            Plan = tenant.Plan,
            Environment = tenant.Environment,
            WasActive = data.WasActive,
            Row = data.Row,
            DatabaseId = database?.Id,
            DatabaseName = tenant.DatabaseName,
            SizeBytes = size,
            DeletedBy = context.Operation.RequestedBy,
            DeletedByName = context.Operation.RequestedByName,
            Reason = data.Reason,
            DeletedAt = now,
            PurgeAfter = now.AddDays(data.RetentionDays),
        });
        if (database is not null)
        {
            database.Name = TrashName(database.Id);
            database.Kind = DatabaseKind.Trash;
        }

        db.Tenants.Remove(tenant);
        await context.CommitAsync(db, [new AuditEntry("tenant.trashed")
        {
            TenantId = tenant.Id,
            Ruc = tenant.Ruc,
            Subdomain = tenant.Subdomain,
            OperationId = context.OperationId,
            Reason = data.Reason,
            After = new Dictionary<string, object?> { ["purge_after"] = now.AddDays(data.RetentionDays), ["size_bytes"] = size },
        }], cancellationToken);
    }

    // The action is given the marker, the name found and the name recorded. A client that never had a database has nothing to block, end or rename.
    private async Task OnDatabaseAsync(OperationContext context, Func<NpgsqlConnection, string, string, string, Task> action, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        if (await db.Databases.AsNoTracking().SingleOrDefaultAsync(d => d.TenantId == context.TenantId, cancellationToken) is not { } database)
        {
            return;
        }

        var marker = DatabaseMarker.ForDatabase(identity.MasterId, database.Id);
        await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
        if (await DatabaseDdl.FindByMarkerAsync(session, marker, cancellationToken) is { } found)
        {
            await action(session, marker, found.Name, database.Name);
        }
        else if (await DatabaseDdl.DescribeAsync(session, database.Name, cancellationToken) is { } other)
        {
            // Under the client's name, and not with our marker: whose it is, a person has to find out.
            throw new DatabaseConflictException("database_not_ours", other.Name, other.Marker ?? "-");
        }
        else if (database.SchemaVersion is not null)
        {
            // It was there once: somebody dropped it behind our back. What is left is to be deleted all the same, and said.
            await context.ReportAsync(new Message("database_was_missing", database.Name), cancellationToken);
        }
    }
}
