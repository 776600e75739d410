using System.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;

namespace Vigia.Core.Lifecycle.Adoption;

/// <summary>The report on a database, and its schema, which an operation needs as well.</summary>
internal sealed record AdoptionFindings(AdoptionReport Report, SchemaDescription? Schema);

/// <summary>
/// Inspects a database that may be adopted: the registry, the server's catalogue, and the database itself. Nothing is
/// changed, and no row of a table is read before the portal has the owner's rights, so that no code of others runs.
/// </summary>
public sealed class AdoptionInspection(
    IDbContextFactory<MasterContext> contexts, MasterIdentity identity, ServerConnections servers,
    OneAtATime heavy, IOptions<AdoptionOptions> options)
{
    private static readonly string[] Reserved = ["postgres", "template0", "template1"];

    /// <summary>Inspects for a person, who has one inspection at a time.</summary>
    /// <exception cref="AlreadyRunningException"><c>inspection_running</c>.</exception>
    internal async Task<AdoptionFindings> LookAsync(
        Actor actor, string name, int? tenantId, CancellationToken cancellationToken)
    {
        options.Value.Demand();
        using var turn = heavy.Begin(actor.Id, HeavyCall.Inspection);
        return await LookAsync(name, tenantId, cancellationToken);
    }

    /// <summary>Inspects with sessions of its own, for an operation.</summary>
    internal async Task<AdoptionFindings> LookAsync(
        string name, int? tenantId, CancellationToken cancellationToken)
    {
        options.Value.Demand();
        var (facts, obstacles) = await LookOutsideAsync(name, tenantId, cancellationToken);
        if (facts is not { AllowsConnections: true, MayConnect: true } || obstacles.Count > 0)
        {
            return Report(name, facts, null, null, obstacles, null);
        }

        NpgsqlConnection session;
        try
        {
            session = await servers.OpenAsync(ServerConnections.MasterServerId, name, cancellationToken);
        }
        catch (DatabaseUnreachableException e)
        {
            return Report(name, facts, null, null, [new Message("adopt_no_session", name, e.Said)], null);
        }

        await using (session)
        {
            await SchemaReader.TrustOnlyCatalogueAsync(session, cancellationToken);
            return await LookInsideAsync(session, facts, [], cancellationToken);
        }
    }

    // The registry and the server's catalogue.
    private async Task<(DatabaseFacts? Facts, List<Message> Obstacles)> LookOutsideAsync(
        string name, int? tenantId, CancellationToken cancellationToken)
    {
        var obstacles = new List<Message>();
        if (SafeName(name) is { } problem)
        {
            return (null, [problem]);
        }

        if (Reserved.Contains(name, StringComparer.OrdinalIgnoreCase) || name == servers.MaintenanceDatabase
            || name.StartsWith(DatabaseDdl.UnclaimedPrefix, StringComparison.Ordinal))
        {
            return (null, [new Message("adopt_reserved", name)]);
        }

        Guid? ownRow;
        await using (var db = await contexts.CreateDbContextAsync(cancellationToken))
        {
            obstacles.AddRange(await AdoptionRules.FindRegistryObstaclesAsync(db, name, tenantId, cancellationToken));
            ownRow = await AdoptionRules.OwnRowAsync(db, name, tenantId, cancellationToken);
        }

        DatabaseFacts? facts;
        await using (var catalogue = await servers.OpenCatalogueAsync(
            ServerConnections.MasterServerId, cancellationToken))
        {
            facts = await DatabaseFacts.ReadAsync(catalogue, name, cancellationToken);
        }

        var marker = ownRow is { } id ? DatabaseMarker.ForDatabase(identity.MasterId, id) : null;
        Message? found = facts switch
        {
            null => new Message("database_missing", name),
            { IsTemplate: true } => new Message("adopt_reserved", name),
            { ConnectionLimit: DatabaseDdl.UnfinishedDrop } => new Message("database_half_dropped", name),
            { Comment: { } comment } when comment.StartsWith(DatabaseMarker.Prefix, StringComparison.Ordinal)
                && comment != marker => new Message(
                    "database_belongs_to_another", name, SafeText.Cut(comment, DatabaseMarker.LongestRead)),
            { AllowsConnections: false } => new Message(
                "database_closed", name, $"ALTER DATABASE {SqlIdentifier.Quote(name)} ALLOW_CONNECTIONS true;"),
            { Encoding: not "UTF8" } => new Message("database_encoding", name, facts.Encoding),
            _ => null,
        };
        if (found is not null)
        {
            obstacles.Add(found);
        }

        return (facts, obstacles);
    }

    private static Message? SafeName(string name)
    {
        try
        {
            _ = SqlIdentifier.Quote(name);
            return null;
        }
        catch (ArgumentException)
        {
            return new Message("database_missing", name.Replace("\0", "", StringComparison.Ordinal));
        }
    }

    private static async Task<AdoptionFindings> LookInsideAsync(
        NpgsqlConnection inside, DatabaseFacts facts, List<Message> obstacles, CancellationToken cancellationToken)
    {
        await using var transaction = await inside.BeginTransactionAsync(
            IsolationLevel.RepeatableRead, cancellationToken);
        await MasterDatabase.ExecuteAsync(inside, "SET TRANSACTION READ ONLY", cancellationToken);
        var within = await DatabaseInsideFacts.ReadAsync(inside, cancellationToken);
        if (within is null)
        {
            return Report(facts.Name, facts, null, null, [.. obstacles, new Message("adopt_not_vigia", facts.Name)],
                null);
        }

        var found = await SchemaReader.ReadAsync(inside, cancellationToken);
        var plan = new AdoptionPlan(TenantBlueprint.Head, found, found);
        obstacles.AddRange(AdoptionRules.FindContentObstacles(facts, within, found, plan));
        if (obstacles.Count == 0 && found.Find("users") is { IsOwnedByUs: true } users
            && users.Find("roles") is not null && !await HasAdminAsync(inside, cancellationToken))
        {
            obstacles.Add(new Message("content_no_admin"));
        }

        return Report(facts.Name, facts, within, found, obstacles, plan);
    }

    // Needs the owner's rights. Without them, the owner's row security would run its functions.
    private static async Task<bool> HasAdminAsync(NpgsqlConnection inside, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "SELECT EXISTS (SELECT FROM public.users WHERE 'admin'::text = ANY (roles::text[]))", inside);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    private static AdoptionFindings Report(
        string name, DatabaseFacts? facts, DatabaseInsideFacts? inside, SchemaDescription? found,
        IReadOnlyList<Message> obstacles, AdoptionPlan? plan)
    {
        var statements = facts is null ? [] : OwnerStatements.For(facts, inside, found);
        var report = new AdoptionReport
        {
            DatabaseName = name,
            Database = facts,
            Inside = inside,
            Obstacles = obstacles,
            OwnerStatements = statements,
        };
        return new AdoptionFindings(plan is null ? report : report with
        {
            MissingTables = [.. plan.MissingTables.Select(t => t.Name)],
            MissingColumns =
                [.. plan.MissingColumns.Select(c => new AddedColumn(c.Table, c.Column.Name, c.Column.Type))],
            Different = plan.Different,
            ForeignTables = plan.ForeignTables,
            ForeignCode = AdoptionRules.FindForeignCode(inside!, found!),
            LeftOut = plan.LeftOut,
            Later = [.. plan.TriggersLater.Select(t =>
                new PlannedTrigger(t.Table, t.Trigger.Name, t.Trigger.Function))],
        }, found);
    }
}
