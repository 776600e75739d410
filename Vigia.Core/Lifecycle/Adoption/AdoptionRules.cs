using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Adoption;

/// <summary>Finds the obstacles to an adoption. See docs/rules.md#adoption.</summary>
internal static class AdoptionRules
{
    // Sign-in, invitations and limits read or write these columns.
    private static readonly (string Column, string[] Types)[] NeededOfUsers =
    [
        ("id", ["smallint", "integer", "bigint"]), ("email", ["text", "character varying"]),
        ("hashed_password", ["text", "character varying"]), ("is_active", ["boolean"]),
        ("roles", ["text[]", "character varying[]"]),
    ];

    // The adoption itself writes to it, or a function of the portal's that is bound to its columns.
    private static readonly string[] Exact = ["tenant_limits", "tenant_usage", TenantBlueprint.History];

    /// <summary>
    /// The unfinished row of the database's own adoption, which a retry finds; null when there is none.
    /// </summary>
    public static async Task<Guid?> OwnRowAsync(
        MasterContext db, string name, int? tenantId, CancellationToken cancellationToken) =>
        await db.Set<ManagedDatabase>().Where(d => d.Name == name && d.TenantId == tenantId && tenantId != null
                && db.Set<TenantAdoption>().Any(a => a.DatabaseId == d.Id && a.EndedAt == null))
            .Select(d => (Guid?)d.Id).SingleOrDefaultAsync(cancellationToken);

    /// <summary>
    /// Finds the obstacles in the registry. A database belongs to one tenant only, whether the tenant's row names it or
    /// its name is derived from the sub-domain, and to none in the trash.
    /// </summary>
    public static async Task<IReadOnlyList<Message>> FindRegistryObstaclesAsync(
        MasterContext db, string name, int? tenantId, CancellationToken cancellationToken)
    {
        var tenants = db.Set<Tenant>().IgnoreQueryFilters().Where(t => t.Id != (tenantId ?? 0));
        if (await tenants.AnyAsync(Names(name), cancellationToken) || await db.Set<TrashedTenant>().IgnoreQueryFilters()
            .AnyAsync(t => t.DatabaseName == name, cancellationToken))
        {
            return [new Message("adopt_named_twice", name)];
        }

        if (tenantId is { } id && await db.Set<Tenant>().AnyAsync(
            t => t.Id == id && t.ServerId != null && t.ServerId != ServerConnections.MasterServerId, cancellationToken))
        {
            return [new Message("adopt_other_server", name)];
        }

        // A database of the portal's is reclaimed.
        return await db.Set<ManagedDatabase>().AnyAsync(
            d => d.Name == name && !db.Set<TenantAdoption>().Any(
                a => a.DatabaseId == d.Id && a.EndedAt == null && a.TenantId == tenantId), cancellationToken)
            || (tenantId is { } own && await OwnDatabases.Of(db, own).AnyAsync(d => d.Name != name, cancellationToken))
            ? [new Message("adopt_reclaimable", name)] : [];
    }

    /// <summary>
    /// Whether a tenant's row names a database, or its sub-domain does. Each side is a column with an index.
    /// </summary>
    public static Expression<Func<Tenant, bool>> Names(string name)
    {
        if (!name.StartsWith(DatabaseName.Prefix, StringComparison.Ordinal))
        {
            return t => t.DatabaseName == name;
        }

        var subdomain = name[DatabaseName.Prefix.Length..];
        return t => t.DatabaseName == name || (t.DatabaseName == null && t.Subdomain == subdomain);
    }

    /// <summary>Finds the obstacles in the content of the database.</summary>
    /// <param name="ownMarker">The marker that an earlier attempt of this adoption may have written.</param>
    public static IEnumerable<Message> FindContentObstacles(
        DatabaseFacts facts, DatabaseInsideFacts inside, SchemaDescription found, AdoptionPlan plan, string? ownMarker)
    {
        if (found.Find("users") is not { IsOrdinary: true } users)
        {
            yield return new Message("adopt_not_vigia", facts.Name);
            yield break;
        }

        if (inside.EventTriggers.Count > 0)
        {
            // Their code would run with the rights of the portal.
            yield return new Message("adopt_event_triggers", string.Join(", ", inside.EventTriggers));
        }

        if (found.Functions.Where(f => f.IsDefiner && f.Owner == facts.PortalRole
            && TenantBlueprint.Head.Find(f)?.DoesTheSame(f) != true).Select(f => f.Signature).ToList()
            is { Count: > 0 } definers)
        {
            yield return new Message("adopt_definer_functions", string.Join(", ", definers));
        }

        if (plan.TakenNames is { Count: > 0 } taken)
        {
            yield return new Message("adopt_name_taken", string.Join(", ", taken));
        }

        if (plan.MissingKeys is { Count: > 0 } keys)
        {
            yield return new Message("adopt_key_missing", string.Join(", ", keys));
        }

        if (users.HasRowSecurity)
        {
            yield return new Message("adopt_row_security", "users");
        }

        foreach (var message in FindHiddenCode(found))
        {
            yield return message;
        }

        if (inside.SchemaComment is { } comment && comment.StartsWith(DatabaseMarker.Prefix, StringComparison.Ordinal)
            && comment != ownMarker)
        {
            // A copy of another tenant's database, restored from a dump: the comment of the schema came with it.
            yield return new Message("content_of_another", comment);
        }

        var wrong = NeededOfUsers.Where(n => users.Find(n.Column) is { } column && !n.Types.Any(t =>
                column.Type == t || (!t.EndsWith(']') && column.Type.StartsWith(t + "(", StringComparison.Ordinal))
                || (t.EndsWith(']') && IsArrayOf(column.Type, t))))
            .Select(n => $"users.{n.Column} ({users.Find(n.Column)!.Type})")
            .Concat(plan.Different.Where(d => d.What == "type" && Exact.Contains(d.Table))
                .Select(d => $"{d.Table}.{d.Column} ({d.Found})")).ToList();
        if (wrong.Count > 0)
        {
            yield return new Message("adopt_column_type", string.Join(", ", wrong));
        }

        if (!plan.IsPlain(TenantBlueprint.History))
        {
            yield return new Message("adopt_foreign_code", TenantBlueprint.History);
        }
    }

    /// <summary>
    /// Demands that no code of others runs when the portal only reads a table of its own schema, and that the table is
    /// neither a partition nor inherits.
    /// </summary>
    /// <exception cref="RuleException">
    /// <c>adopt_planned_code</c>, <c>adopt_inheritance</c>, <c>adopt_row_security</c>.
    /// </exception>
    public static void DemandNoHiddenCode(SchemaDescription found)
    {
        if (FindHiddenCode(found).FirstOrDefault() is { } message)
        {
            throw new RuleException(message);
        }
    }

    /// <summary>Checks the content again under its locks.</summary>
    /// <exception cref="RuleException">
    /// <c>adopt_name_taken</c>, <c>adopt_key_missing</c>, <c>adopt_foreign_code</c>; those of
    /// <see cref="DemandNoHiddenCode"/>.
    /// </exception>
    public static void Demand(AdoptionPlan plan)
    {
        DemandNoHiddenCode(plan.Found);
        if (plan.TakenNames is { Count: > 0 } taken)
        {
            throw new RuleException("adopt_name_taken", string.Join(", ", taken));
        }

        if (plan.MissingKeys is { Count: > 0 } keys)
        {
            throw new RuleException("adopt_key_missing", string.Join(", ", keys));
        }

        DemandPlain(plan, [TenantBlueprint.History]);
    }

    /// <exception cref="RuleException"><c>adopt_foreign_code</c>: one runs code of others when it is written to.
    /// </exception>
    public static void DemandPlain(AdoptionPlan plan, IEnumerable<string> tables)
    {
        if (tables.FirstOrDefault(t => !plan.IsPlain(t)) is { } foreign)
        {
            throw new RuleException("adopt_foreign_code", foreign);
        }
    }

    /// <summary>Lists code of others that may run when rows of the portal's tables are written.</summary>
    public static IReadOnlyList<ForeignCode> FindForeignCode(DatabaseInsideFacts inside, SchemaDescription found) =>
    [
        .. inside.EventTriggers.Select(name => new ForeignCode("event_trigger", name)),
        .. found.Functions.Where(f => f.IsDefiner).Select(f => new ForeignCode("definer_function", f.Signature)),
        .. found.Tables.SelectMany(t => t.Triggers.Select(g => new ForeignCode("trigger", $"{t.Name}.{g.Name}"))),
        .. found.Tables.Where(t => t.HasRules).Select(t => new ForeignCode("rule", t.Name)),
        .. found.Tables.Where(t => t.HasRowSecurity).Select(t => new ForeignCode("row_security", t.Name)),
        .. found.Tables.SelectMany(t => t.Columns
            .Where(c => c.Default?.Contains("public.", StringComparison.Ordinal) == true
                && !c.Default.StartsWith("nextval(", StringComparison.Ordinal))
            .Select(c => new ForeignCode("default", $"{t.Name}.{c.Name}"))),
    ];

    /// <summary>
    /// Whether every role of the server could run a function with the rights of its owner. The proof of isolation would
    /// then fail.
    /// </summary>
    public static bool IsOpenDefiner(FunctionDescription function) =>
        function is { IsDefiner: true, IsOpen: true, IsTrigger: false };

    private static IEnumerable<Message> FindHiddenCode(SchemaDescription found)
    {
        var tables = found.Tables.Where(t => t.IsOrdinary && TenantBlueprint.Head.Find(t.Name) is not null).ToList();
        if (tables.Where(t => t.PlannedCode is not null).Select(
            t => $"{t.Name} ({string.Join(", ", t.PlannedCode!)})").ToList() is { Count: > 0 } planned)
        {
            yield return new Message("adopt_planned_code", string.Join(", ", planned));
        }

        if (tables.Where(t => t.HasRelatives).Select(t => t.Name).ToList() is { Count: > 0 } relatives)
        {
            yield return new Message("adopt_inheritance", string.Join(", ", relatives));
        }

        if (tables.Find(t => t.ForcesRowSecurity) is { } forced)
        {
            yield return new Message("adopt_row_security", forced.Name);
        }
    }

    private static bool IsArrayOf(string type, string wanted) =>
        type == wanted || (type.EndsWith("[]", StringComparison.Ordinal)
            && type.StartsWith(wanted[..^2] + "(", StringComparison.Ordinal));
}
