using Npgsql;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;

namespace Vigia.Core.Tenancy;

/// <summary>Opens sessions in the databases of tenants, for requests. See docs/rules.md#tenant-connections.</summary>
// More than five dependencies: what is known of tenants, how they are reached, and what to remember of failures.
public sealed class TenantSessions
{
    /// <summary>When a request that found no connection may ask again.</summary>
    internal static readonly TimeSpan RetryAfterBusy = TimeSpan.FromSeconds(2);

    // A tenant that changes more often than that while one request looks at it is left to the next request.
    private const int Attempts = 3;

    private readonly TenantCatalog _catalog;
    private readonly TenantCatalogReader _reader;
    private readonly TenantDataSources _sources;
    private readonly TenantConnections _connections;
    private readonly TenantTroubles _troubles;
    private readonly TimeProvider _time;

    internal TenantSessions(
        TenantCatalog catalog, TenantCatalogReader reader, TenantDataSources sources, TenantConnections connections,
        TenantTroubles troubles, TimeProvider time) =>
        (_catalog, _reader, _sources, _connections, _troubles, _time) =
            (catalog, reader, sources, connections, troubles, time);

    /// <summary>
    /// Opens a session of the tenant's own role in its own database. The connection was checked: it answers, and the
    /// database carries the tenant's marker.
    /// </summary>
    /// <param name="tenant">The tenant of the request. Its present state is looked up again.</param>
    /// <param name="cancellationToken">Cancels the waiting and the opening.</param>
    /// <exception cref="TenantRefusedException">
    /// It can't be reached: it is inactive or gone, its database is missing or refuses sessions, or all connections are
    /// busy.
    /// </exception>
    /// <exception cref="NpgsqlException">The server is away.</exception>
    public ValueTask<TenantSession> OpenAsync(TenantEntry tenant, CancellationToken cancellationToken) =>
        OpenAsync(tenant, null, cancellationToken);

    /// <param name="tenant">The tenant.</param>
    /// <param name="longestWait">
    /// How long to wait while all connections are busy. Null for <see cref="TenancyOptions.WaitForConnection"/>.
    /// </param>
    /// <param name="cancellationToken">Cancels the waiting and the opening.</param>
    /// <inheritdoc cref="OpenAsync(TenantEntry, CancellationToken)"/>
    internal async ValueTask<TenantSession> OpenAsync(
        TenantEntry tenant, TimeSpan? longestWait, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenCheckedAsync(tenant, longestWait, cancellationToken);
        }
        catch (Exception e) when (longestWait is null)
        {
            // A shorter wait means that the diagnosis asks, which is no request of the tenant.
            _troubles.Note(tenant.Id, e);
            throw;
        }
    }

    private async ValueTask<TenantSession> OpenCheckedAsync(
        TenantEntry tenant, TimeSpan? longestWait, CancellationToken cancellationToken)
    {
        var seen = _catalog.CurrentOf(tenant);
        var entry = Demand(seen);
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            try
            {
                if (await _sources.TryOpenAsync(entry, seen, longestWait, cancellationToken) is { } session)
                {
                    return session;
                }

                // The tenant has changed, or its pool was closed at this moment. If this instance does not know the
                // change, the registry does.
                seen = _catalog.CurrentOf(entry);
                entry = attempt == 1 || !ReferenceEquals(seen, entry) ? Demand(seen)
                    : await ReadAsync(entry, cancellationToken);
            }
            catch (PostgresException e) when (TransientFailures.RefusedSession(e))
            {
                seen = _catalog.CurrentOf(entry);
                entry = await ExplainAsync(entry, e, cancellationToken);
            }
            catch (NpgsqlException e) when (e is not PostgresException && _connections.HasOtherRoute)
            {
                // PgBouncer lets a log-in wait when it can't reach the database.
                await LookAsync(entry, cancellationToken);
                throw;
            }
            catch (NpgsqlException e) when (e.InnerException is TimeoutException && !entry.IsLegacy)
            {
                // The server answers, so it is this database that did not: a trigger on login may hold every session.
                await LookAsync(entry, cancellationToken);
                _sources.Remember(entry, TenantRefusal.DatabaseUnreachable);
                throw new TenantRefusedException(TenantRefusal.DatabaseUnreachable, entry.DatabaseName!);
            }
            catch (DatabaseConflictException)
            {
                // The tenant is unmanaged from now on.
                throw new TenantRefusedException(TenantRefusal.NotReady);
            }
        }

        throw new TenantRefusedException(TenantRefusal.NotReady) { RetryAfter = RetryAfterBusy };
    }

    /// <summary>
    /// The tenant as it is known now, for work that took a while since the tenant was last looked at.
    /// </summary>
    /// <exception cref="TenantRefusedException">It is inactive or gone, or its database can't be reached.</exception>
    internal TenantEntry Current(TenantEntry tenant) => Demand(_catalog.CurrentOf(tenant));

    private TenantEntry Demand(TenantEntry? entry)
    {
        if (entry is null)
        {
            throw new TenantRefusedException(
                _catalog.IsCurrent ? TenantRefusal.Unknown : TenantRefusal.RegistryUnavailable);
        }

        // No request may enter a database that is not known to be the tenant's own.
        var refusal = entry.RefusalNow(_time) is not TenantRefusal.None and var known ? known
            : entry.IsLegacy ? TenantRefusal.None
            : entry.DatabaseName is null || entry.CredentialId == Guid.Empty ? TenantRefusal.NotReady
            : TenantRefusal.None;
        return refusal == TenantRefusal.None ? entry
            : throw new TenantRefusedException(refusal, entry.DatabaseName ?? "-");
    }

    // The registry has answered, so a tenant that it does not hold is unknown, however old the catalogue is. The only
    // tenant of an installation is in no registry.
    private async Task<TenantEntry> ReadAsync(TenantEntry entry, CancellationToken cancellationToken) =>
        entry.IsLegacy ? entry : Demand(
            (await RegistryAway.AnswerAsync(_reader.ReadAsync([entry.Id], cancellationToken))).SingleOrDefault()
            ?? throw new TenantRefusedException(TenantRefusal.Unknown));

    /// <summary>Finds out why the server refused the session.</summary>
    /// <returns>The entry that has changed meanwhile, and may be tried instead.</returns>
    private async Task<TenantEntry> ExplainAsync(
        TenantEntry entry, PostgresException refusal, CancellationToken cancellationToken)
    {
        if (refusal.SqlState == PostgresErrorCodes.TooManyConnections)
        {
            throw new TenantRefusedException(TenantRefusal.ConnectionsBusy) { RetryAfter = RetryAfterBusy };
        }

        // Its credential may have been rotated, or the tenant deleted, in the last moments.
        var now = await ReadAsync(entry, cancellationToken);
        if (now.CredentialId != entry.CredentialId || now.DatabaseName != entry.DatabaseName)
        {
            return now;
        }

        // A database that was restored without its properties may refuse the role. Then the lost marker is the reason.
        if (!entry.IsLegacy && await _connections.RecordLossAsync(entry.Id, cancellationToken))
        {
            throw new TenantRefusedException(TenantRefusal.NotReady);
        }

        await LookAsync(entry, cancellationToken);
        var explained = refusal.SqlState == PostgresErrorCodes.InvalidCatalogName
            ? TenantRefusal.DatabaseMissing : TenantRefusal.DatabaseUnreachable;
        _sources.Remember(entry, explained);
        throw new TenantRefusedException(explained, entry.DatabaseName!);
    }

    // The observation is stored for all instances. If it explains the failure, it is the reason of the refusal.
    private async Task LookAsync(TenantEntry entry, CancellationToken cancellationToken)
    {
        if (entry.IsLegacy)
        {
            return;
        }

        await _connections.LookAsync(entry.DatabaseId, entry.DatabaseName!, cancellationToken);
        await ReadAsync(entry, cancellationToken);
    }
}
