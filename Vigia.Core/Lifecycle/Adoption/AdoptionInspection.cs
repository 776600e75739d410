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

/// <summary>The report on a database, and the facts that an operation needs as well.</summary>
internal sealed record AdoptionFindings(AdoptionReport Report, SchemaDescription? Schema)
{
    /// <summary>The rights of the group of all tenants' roles in the database.</summary>
    public IReadOnlyList<GroupRight> Rights { get; init; } = [];
}

/// <summary>
/// Inspects a database that may be adopted: the registry, the server's catalogue, and the database itself. Nothing is
/// changed, and no row of a table is read before the portal has the owner's rights, so that no code of others runs.
/// </summary>
public sealed class AdoptionInspection(
    IDbContextFactory<MasterContext> contexts, MasterIdentity identity, ServerConnections servers,
    OneAtATime heavy, IOptions<AdoptionOptions> options)
{
    private static readonly string[] Reserved = ["postgres", "template0", "template1"];

    /// <summary>Inspects a database for a person. Each person has one inspection at a time.</summary>
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
        var (facts, marker, obstacles) = await LookOutsideAsync(name, tenantId, cancellationToken);
        if (facts is not { AllowsConnections: true, MayConnect: true } || obstacles.Count > 0)
        {
            return Report(name, facts, null, null, obstacles, null);
        }

        NpgsqlConnection session;
        try
        {
            session = await servers.OpenForeignAsync(ServerConnections.MasterServerId, name, cancellationToken);
        }
        catch (DatabaseUnreachableException e)
        {
            return Report(name, facts, null, null, [new Message("adopt_no_session", name, e.Said)], null);
        }

        await using (session)
        {
            return await LookInsideAsync(session, facts, marker, cancellationToken);
        }
    }

    // The registry and the server's catalogue. The marker is the one that an earlier attempt of this adoption wrote.
    private async Task<(DatabaseFacts? Facts, string? Marker, List<Message> Obstacles)> LookOutsideAsync(
        string name, int? tenantId, CancellationToken cancellationToken)
    {
        var obstacles = new List<Message>();
        if (SafeName(name) is { } problem)
        {
            return (null, null, [problem]);
        }

        if (Reserved.Contains(name, StringComparer.OrdinalIgnoreCase) || name == servers.MaintenanceDatabase
            || name.StartsWith(DatabaseDdl.UnclaimedPrefix, StringComparison.Ordinal))
        {
            return (null, null, [new Message("adopt_reserved", name)]);
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

        return (facts, marker, obstacles);
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
        NpgsqlConnection inside, DatabaseFacts facts, string? marker, CancellationToken cancellationToken)
    {
        var findings = await LookInsideAtOnceAsync(inside, facts, marker, cancellationToken);
        return findings is { Report.Obstacles: [], Schema: { } found } && found.Find("users") is { IsOwnedByUs: true }
            users && users.Find("roles") is not null && !await HasAdminAsync(inside, cancellationToken)
            ? findings with { Report = findings.Report with { Obstacles = [new Message("content_no_admin")] } }
            : findings;
    }

    private static async Task<AdoptionFindings> LookInsideAtOnceAsync(
        NpgsqlConnection inside, DatabaseFacts facts, string? marker, CancellationToken cancellationToken)
    {
        var obstacles = new List<Message>();
        await using var transaction = await inside.BeginTransactionAsync(
            IsolationLevel.RepeatableRead, cancellationToken);
        await MasterDatabase.ExecuteAsync(inside, "SET TRANSACTION READ ONLY", cancellationToken);
        var within = await DatabaseInsideFacts.ReadAsync(inside, cancellationToken);
        if (within is null)
        {
            return Report(facts.Name, facts, null, null, [new Message("adopt_not_vigia", facts.Name)],
                null);
        }

        var found = await SchemaReader.ReadAsync(inside, cancellationToken);
        var plan = new AdoptionPlan(TenantBlueprint.Head, found, found);
        string[] owners = [facts.Owner, within.SchemaOwner, .. found.Tables
            .Where(t => TenantBlueprint.Head.Find(t.Name) is not null).Select(t => t.Owner)];
        obstacles.AddRange((await PowerfulOwner.FindAsync(inside, owners.Distinct().ToArray(), cancellationToken))
            .Select(p => new Message("adopt_owner_powerful", p.Role, p.Reaches)));
        obstacles.AddRange(AdoptionRules.FindContentObstacles(facts, within, found, plan, marker));
        return Report(facts.Name, facts, within, found, obstacles, plan) with
        {
            Rights = await GroupRights.ReadAsync(inside, cancellationToken),
        };
    }

    // Needs the owner's rights. Without them, the owner's row security would run its functions. The lock keeps others
    // from putting code on the table between its inspection and the statement that reads it.
    private static async Task<bool> HasAdminAsync(NpgsqlConnection inside, CancellationToken cancellationToken)
    {
        await using var transaction = await inside.BeginTransactionAsync(cancellationToken);
        await MasterDatabase.ExecuteAsync(inside, "SET TRANSACTION READ ONLY", cancellationToken);
        await MasterDatabase.ExecuteAsync(inside, "SET LOCAL lock_timeout = '5s'", cancellationToken);
        await SchemaDdl.LockAsync(inside, [("users", TableLock.RowExclusive)], cancellationToken);
        if ((await SchemaReader.ReadAsync(inside, cancellationToken)).Find("users")
            is not { IsOrdinary: true, HasRowSecurity: false, HasRules: false, PlannedCode: null })
        {
            throw new RuleException("adopt_foreign_code", "users");
        }

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
