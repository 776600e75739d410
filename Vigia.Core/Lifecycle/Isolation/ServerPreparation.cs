using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Isolation;

/// <summary>
/// Prepares a server (docs/rules.md#server-preparation). PostgreSQL lets every role connect to <c>postgres</c>,
/// <c>template1</c> and any database that is created without further settings. Closing them is the decision of the
/// server's owner, so the portal never does it without being asked.
/// </summary>
public sealed partial class ServerPreparation(
    OpeningsObserver observer, IDbContextFactory<MasterContext> contexts, AuditTrail audit,
    ILogger<ServerPreparation> logger)
{
    /// <summary>Returns the open databases and the statements that close them, as they were seen last.</summary>
    /// <returns>Null while nobody has looked.</returns>
    /// <exception cref="ForbiddenException">
    /// Also thrown for a person with access to chosen tenants only: the list may name databases of other tenants.
    /// </exception>
    public Task<SeenOpenings?> LastAsync(Actor actor, CancellationToken cancellationToken)
    {
        Demand(actor);
        return observer.LastAsync(cancellationToken);
    }

    /// <summary>Looks at the server now, and stores what it finds for everybody.</summary>
    /// <exception cref="ForbiddenException">As with <see cref="LastAsync"/>.</exception>
    public Task<SeenOpenings> ReadAsync(Actor actor, CancellationToken cancellationToken)
    {
        Demand(actor);
        return observer.ObserveAsync(cancellationToken);
    }

    /// <summary>Closes the open databases with the portal's own role, and records it.</summary>
    /// <exception cref="RuleException">
    /// <c>server_not_ours</c>: the role neither owns those databases nor is a superuser.
    /// </exception>
    public async Task PrepareAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.ServerPrepare);
        var openings = await observer.LookAsync(cancellationToken);
        if (openings.IsPrepared)
        {
            return;
        }

        if (!openings.MayClose)
        {
            throw new RuleException(
                "server_not_ours", string.Join(", ", openings.Open.Where(o => !o.MayClose).Select(o => o.Name)));
        }

        // The record is written in the same transaction: REVOKE and GRANT can be rolled back like other statements.
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await openings.CloseAsync((NpgsqlConnection)db.Database.GetDbConnection(), cancellationToken);
        await audit.CommitAsync(db, actor, new AuditEntry("isolation.server_prepared")
        {
            After = new Dictionary<string, object?>
            { ["databases"] = string.Join(", ", openings.Open.Select(o => o.Name)) },
        }, cancellationToken);
        try
        {
            await observer.ObserveAsync(cancellationToken);
        }
        catch (Exception e) when (TransientFailures.IsOfServer(e) || TransientFailures.IsServerUnavailable(e))
        {
            // The server is prepared. The next round sees that.
        }
    }

    /// <summary>Logs the open databases and the statements that close them.</summary>
    public async Task LogOpeningsAsync(CancellationToken cancellationToken)
    {
        var openings = await observer.LookAsync(cancellationToken);
        if (!openings.IsPrepared)
        {
            LogOpen(logger, string.Join(", ", openings.Open.Select(o => o.Name)),
                string.Join(' ', openings.Statements));
        }
    }

    private static void Demand(Actor actor)
    {
        actor.Demand(TenantAction.ProveIsolation.Right);
        if (actor.TenantScope is not null)
        {
            throw new ForbiddenException(TenantAction.ProveIsolation.Right);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "The server lets every role connect to {Databases}. Its owner can close them with `Vigia.Portal "
            + "prepare-server`, or run: {Statements}")]
    private static partial void LogOpen(ILogger logger, string databases, string statements);
}
