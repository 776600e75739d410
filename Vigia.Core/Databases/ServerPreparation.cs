using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;
using Vigia.Core.Audit;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Postgres;
using Vigia.Core.Staff;

namespace Vigia.Core.Databases;

/// <summary>
/// Preparing a server (architecture section 5): PostgreSQL lets every role into <c>postgres</c>, <c>template1</c> and any database made without
/// further ado. Closing them is the server's owner's decision, therefore it is never done unasked.
/// </summary>
public sealed partial class ServerPreparation(NpgsqlDataSource master, IDbContextFactory<MasterContext> contexts, AuditTrail audit, ILogger<ServerPreparation> logger)
{
    /// <summary>What is open now, and the statements that close it.</summary>
    /// <exception cref="ForbiddenException">Also for who may know of chosen clients only: the names of others' databases may be among them.</exception>
    public async Task<ServerOpenings> ReadAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsIsolationProve);
        if (actor.TenantScope is not null)
        {
            throw new ForbiddenException(Rights.TenantsIsolationProve);
        }

        return await ReadAsync(cancellationToken);
    }

    /// <summary>Closes what is open, with the portal's own role, and records it.</summary>
    /// <exception cref="RuleException"><c>server_not_ours</c>: the role neither owns those databases nor is a superuser.</exception>
    public async Task PrepareAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.ServerPrepare);
        var openings = await ReadAsync(cancellationToken);
        if (openings.IsPrepared)
        {
            return;
        }

        if (!openings.MayClose)
        {
            throw new RuleException("server_not_ours", string.Join(", ", openings.Open.Where(o => !o.MayClose).Select(o => o.Name)));
        }

        // The record comes in the same transaction: revoking and granting can be rolled back like anything else.
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await openings.CloseAsync((NpgsqlConnection)db.Database.GetDbConnection(), cancellationToken);
        await audit.CommitAsync(db, actor, new AuditEntry("isolation.server_prepared")
        {
            After = new Dictionary<string, object?> { ["databases"] = string.Join(", ", openings.Open.Select(o => o.Name)) },
        }, cancellationToken);
    }

    /// <summary>Says in the log what is open, with what to do.</summary>
    public async Task TellAsync(CancellationToken cancellationToken)
    {
        var openings = await ReadAsync(cancellationToken);
        if (!openings.IsPrepared)
        {
            LogOpen(logger, string.Join(", ", openings.Open.Select(o => o.Name)), string.Join(' ', openings.Statements));
        }
    }

    private async Task<ServerOpenings> ReadAsync(CancellationToken cancellationToken)
    {
        await using var session = await master.OpenConnectionAsync(cancellationToken);
        return await ServerOpenings.ReadAsync(session, session.Database, null, cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The server lets every role into {Databases}. Its owner closes them with `Vigia.Portal prepare-server`, or runs: {Statements}")]
    private static partial void LogOpen(ILogger logger, string databases, string statements);
}
