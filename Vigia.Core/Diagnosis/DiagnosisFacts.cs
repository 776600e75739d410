using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenancy;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.Diagnosis;

/// <summary>Collects what is known of a tenant, and tries its database.</summary>
public sealed class DiagnosisFacts(
    TenantCatalog catalog, TenantSessions sessions, ConnectionReport connections, TenantSchemaVersions versions,
    TimeProvider time)
{
    /// <summary>The longest time that the try of a database takes.</summary>
    public static readonly TimeSpan LongestTry = TimeSpan.FromSeconds(3);

    // A request waits longer. Without a connection after this time, the diagnosis says that all connections are busy.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    /// <param name="db">The master, as the person sees it.</param>
    /// <param name="entry">The tenant as the catalogue has it.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    internal async Task<IReadOnlyList<DiagnosisFact>> ReadAsync(
        MasterContext db, TenantEntry entry, CancellationToken cancellationToken)
    {
        // Read before the attempt, so that the attempt itself is not among them.
        var troubles = connections.TroublesOf(entry).Select(Trouble).ToList();
        if (entry.IsLegacy)
        {
            return
            [
                new("legacy", null, new Message("diag_legacy_database", entry.DatabaseName ?? "-")),
                new("tokens", null, new Message("diag_tokens_all")), await TryAsync(entry, cancellationToken),
                .. Connections(entry), .. troubles,
            ];
        }

        var tenant = await db.Set<Tenant>().AsNoTracking()
            .SingleOrDefaultAsync(t => t.Id == entry.Id, cancellationToken);
        List<DiagnosisFact> facts = [Catalogue(entry), .. Registry(entry, tenant)];
        if (tenant is null)
        {
            return facts;
        }

        facts.AddRange([State(tenant), Activity(tenant), Tokens(tenant)]);
        facts.AddRange(await FormerNamesAsync(db, tenant.Id, cancellationToken));
        facts.AddRange(await LimitsAsync(db, tenant, cancellationToken));
        facts.AddRange(await ObservedAsync(db, tenant, cancellationToken));

        facts.Add(await TryAsync(entry, cancellationToken));
        facts.AddRange([.. Connections(entry), .. troubles, Schema(tenant)]);
        return facts;
    }

    private DiagnosisFact Catalogue(TenantEntry entry) => new("catalogue", catalog.IsCurrent, new Message(
        catalog.IsCurrent ? "diag_catalogue" : "diag_catalogue_stale", LimaTime.Argument(entry.ReadAt),
        Number((long)Math.Max(0, (time.GetUtcNow() - entry.ReadAt).TotalSeconds))));

    private static IEnumerable<DiagnosisFact> Registry(TenantEntry entry, Tenant? tenant)
    {
        if (tenant is null)
        {
            yield return new("registry", false, new Message("diag_registry_gone"));
        }
        else if ((entry.Subdomain, entry.State, entry.IsActive, entry.ExpiresAt, entry.DatabaseName)
            != (tenant.Subdomain, tenant.State, tenant.IsActive, tenant.ExpiresAt, tenant.DatabaseName))
        {
            yield return new("registry", false, new Message("diag_registry_differs"));
        }
    }

    private static DiagnosisFact State(Tenant tenant) => new(
        "state", tenant.State == TenantState.Ready,
        new Message($"diag_state_{JsonNamingPolicy.SnakeCaseLower.ConvertName(tenant.State.ToString())}"));

    private DiagnosisFact Activity(Tenant tenant) => tenant switch
    {
        { IsActive: false, InactiveSince: { } since } =>
            new("active", false, new Message("diag_inactive_since", LimaTime.Argument(since))),
        { IsActive: false } => new("active", false, new Message("diag_inactive")),
        { ExpiresAt: { } end } when end <= time.GetUtcNow() =>
            new("active", false, new Message("diag_expired", LimaTime.Argument(end))),
        { ExpiresAt: { } end } => new("active", true, new Message("diag_active_until", LimaTime.Argument(end))),
        _ => new("active", true, new Message("diag_active")),
    };

    private static DiagnosisFact Tokens(Tenant tenant) => new("tokens", null, tenant.TokensValidAfter is { } moment
        ? new Message("diag_tokens_after", LimaTime.Argument(moment)) : new Message("diag_tokens_all"));

    private async Task<IEnumerable<DiagnosisFact>> FormerNamesAsync(
        MasterContext db, int tenantId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return (await db.Set<TenantAlias>().AsNoTracking().Where(a => a.TenantId == tenantId && a.EndsAt > now
                && !db.Set<Tenant>().Any(t => t.Id == tenantId && t.Subdomain == a.Name))
            .OrderByDescending(a => a.StartedAt).ToListAsync(cancellationToken))
            .Select(alias => new DiagnosisFact(
                "former_name", null, new Message("diag_former_name", alias.Name, LimaTime.Argument(alias.EndsAt))));
    }

    private static async Task<IEnumerable<DiagnosisFact>> LimitsAsync(
        MasterContext db, Tenant tenant, CancellationToken cancellationToken)
    {
        var figures = await db.Set<StoredContent>().Where(c => c.TenantId == tenant.Id).Select(c => c.Figures)
            .SingleOrDefaultAsync(cancellationToken);
        var content = figures is null ? null : JsonSerializer.Deserialize<TenantContent>(figures);
        return new (string Field, int? Most, long? Used)[]
        {
            ("max_usuarios", tenant.MaxUsers, content?.ActiveUsers),
            ("max_establecimientos", tenant.MaxEstablishments, content?.ActiveEstablishments),
            ("max_comprobantes", tenant.LimitIssuance ? tenant.MaxDocuments : null, content?.DocumentsThisMonth),
        }.Select(limit => Limit(limit.Field, limit.Most, limit.Used));
    }

    // A reached limit hinders only requests that would exceed it.
    private static DiagnosisFact Limit(string field, int? most, long? used) => (most, used) switch
    {
        (null, _) => new(field, null, new Message("diag_limit_none", Message.FieldsArgument([field]))),
        ({ } max, null) => new(
            field, null, new Message("diag_limit", Message.FieldsArgument([field]), Number(max))),
        ({ } max, { } count) => new(field, count < max, new Message(
            "diag_limit_used", Message.FieldsArgument([field]), Number(count), Number(max))),
    };

    private static async Task<IEnumerable<DiagnosisFact>> ObservedAsync(
        MasterContext db, Tenant tenant, CancellationToken cancellationToken)
    {
        var seen = await db.Set<ObservedDatabase>().AsNoTracking().SingleOrDefaultAsync(
            d => d.ServerId == tenant.ServerId && d.Name == tenant.DatabaseName, cancellationToken);
        return seen switch
        {
            { IsPresent: false } =>
                [new("observed", false, new Message("diag_observed_missing", LimaTime.Argument(seen.ChangedAt)))],
            { Refusal: not null, Remedy: { } remedy } => [new("observed", false, new Message(
                "diag_observed_remedy", LimaTime.Argument(seen.ChangedAt), remedy))],
            { Refusal: not null } =>
                [new("observed", false, new Message("diag_observed_refusal", LimaTime.Argument(seen.ChangedAt)))],
            _ => [],
        };
    }

    // It takes the same way as requests: the same pool, the same budget of connections, the same refusals.
    private async Task<DiagnosisFact> TryAsync(TenantEntry entry, CancellationToken cancellationToken)
    {
        var name = entry.DatabaseName ?? "-";
        using var timeout = new CancellationTokenSource(LongestTry, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var started = time.GetTimestamp();
        try
        {
            await using var session = await sessions.OpenAsync(entry, LongestWait, either.Token);
            return new("database", true, new Message(
                "diag_database_reached", name, Number((long)time.GetElapsedTime(started).TotalMilliseconds)));
        }
        catch (TenantRefusedException e)
        {
            return e.Refusal switch
            {
                TenantRefusal.DatabaseMissing =>
                    Away(e.Refusal, new Message("diag_database_gone", name), Missing),
                TenantRefusal.NotReady => Away(e.Refusal, new Message("diag_database_none")),
                _ => Away(e.Refusal, e.Reason),
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Away(TenantRefusal.DatabaseUnreachable, new Message(
                "diag_database_silent", name, Number((long)LongestTry.TotalSeconds)));
        }
        catch (PostgresException e)
        {
            return Away(
                TenantRefusal.DatabaseUnreachable, new Message("diag_database_refused", name, e.SqlState));
        }
        catch (NpgsqlException)
        {
            return Away(TenantRefusal.DatabaseUnreachable, new Message("diag_database_away", name));
        }
        catch (Exception e) when (e is InvalidOperationException or CryptographicException)
        {
            // Its password is not stored, or can't be read with this portal's key.
            return Away(TenantRefusal.DatabaseUnreachable, new Message("diag_database_none"));
        }
    }

    // Neither helps nor hinders by itself: the attempt has shown whether a request gets a connection.
    private IEnumerable<DiagnosisFact> Connections(TenantEntry entry)
    {
        var now = connections.Of(entry);
        yield return new("pool", null, new Message(
            "diag_pool", Number(now.Open), Number(now.Idle), Number(now.Waiting)));
        yield return new("budget", null, now is { Share: { } share, Budget: { } budget }
            ? new Message("diag_budget", Number(now.UsedHere), Number(share), Number(budget))
            : new Message("diag_budget_none", Number(now.UsedHere)));
    }

    private static DiagnosisFact Trouble(TenantTrouble trouble) => new("trouble", null, new Message(
        $"diag_trouble_{TenantRefusals.CodeOf(trouble.Refusal)}", LimaTime.Argument(trouble.At)));

    private static DiagnosisFact Away(TenantRefusal refusal, Message words, string code = "database") =>
        new(code, false, words) { Refusal = refusal };

    /// <summary>The code of the fact that a database no longer exists.</summary>
    internal const string Missing = "database_missing";

    private DiagnosisFact Schema(Tenant tenant) => tenant.SchemaVersion switch
    {
        null => new("schema", null, new Message("diag_schema_unknown")),
        var version when version < versions.Head => new("schema", null, new Message(
            "diag_schema_behind", Number(version.Value), Number(versions.Head))),
        var version when version > versions.Head => new("schema", null, new Message(
            "diag_schema_newer", Number(version.Value), Number(versions.Head))),
        var version => new("schema", true, new Message("diag_schema_current", Number(version.Value))),
    };

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
