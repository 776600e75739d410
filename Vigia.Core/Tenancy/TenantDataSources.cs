using System.Collections.Concurrent;
using System.Data;
using Microsoft.Extensions.Options;
using Npgsql;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;

namespace Vigia.Core.Tenancy;

/// <summary>
/// The connections of tenants that are kept open between requests, one pool for each tenant and credential, made on
/// demand. A pool is closed when its tenant changes, and connections are closed when they are idle.
/// State of the process: the pools with their passwords.
/// </summary>
internal sealed class TenantDataSources(
    ConnectionGate gate, TenantConnections connections, TenantCatalog catalog, IOptions<TenancyOptions> options,
    TimeProvider time)
{
    // A connection that was used within this time is given out without asking whether it still answers.
    private static readonly TimeSpan SurelyAlive = TimeSpan.FromMilliseconds(100);
    private const int PingSeconds = 5;

    // Long enough to save the connections of others, and short enough to recover soon after the cause is gone.
    private static readonly TimeSpan RefusedFor = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<int, Lazy<Task<TenantPool?>>> _pools = new();
    private readonly bool _hasOtherRoute = connections.HasOtherRoute;

    /// <summary>How many pools there are.</summary>
    public int Pools => _pools.Count;

    /// <summary>The pool of a tenant. Null when it has none now.</summary>
    public TenantPool? PoolOf(int tenantId) =>
        _pools.TryGetValue(tenantId, out var making) ? CompletedPool(making) : null;

    /// <summary>Opens a session in the database of the tenant.</summary>
    /// <param name="tenant">The tenant, as the request knows it.</param>
    /// <param name="seen">The entry of the catalogue with which it was decided that the tenant may be reached.</param>
    /// <param name="longestWait">How long to wait while all connections are busy. Null for that of the options.</param>
    /// <param name="cancellationToken">Cancels the waiting and the opening.</param>
    /// <returns>Null when the tenant has changed meanwhile.</returns>
    /// <exception cref="TenantRefusedException">There is no connection, or one was refused just now.</exception>
    /// <exception cref="PostgresException">The server refused the session.</exception>
    public async ValueTask<TenantSession?> TryOpenAsync(
        TenantEntry tenant, TenantEntry? seen, TimeSpan? longestWait, CancellationToken cancellationToken)
    {
        var (wait, began) = (longestWait ?? options.Value.WaitForConnection, time.GetTimestamp());
        while (await PoolAsync(tenant, cancellationToken) is { } pool)
        {
            DemandNotRefused(pool);
            if (await gate.RentAsync(pool, Rest(), cancellationToken) is not { } slot)
            {
                return null;
            }

            NpgsqlConnection? connection;
            try
            {
                // The first of those that waited may have been refused meanwhile.
                DemandNotRefused(pool);
                connection = await OpenAsync(slot, cancellationToken);
            }
            catch (Exception e)
            {
                if (TransientFailures.MayConcernOthers(e))
                {
                    gate.RecordFailure();
                }

                await CloseRentedAsync(slot);
                throw;
            }

            if (connection is not null && IsStillWhatWasSeen(tenant, seen, pool))
            {
                return new TenantSession(tenant, connection, () => ReturnAsync(slot, connection));
            }

            if (connection is not null)
            {
                await TryDisposeAsync(connection);
                await CloseRentedAsync(slot);
                return null;
            }

            // The share was lost. Another connection is waited for, for the rest of the time.
            await CloseRentedAsync(slot);
        }

        return null;

        TimeSpan Rest() => wait - time.GetElapsedTime(began) is { Ticks: > 0 } rest ? rest
            : throw ConnectionGate.Refused(TenantRefusal.ConnectionsBusy);
    }

    /// <summary>Refuses the next sessions of this tenant for a moment, because the server has refused one.</summary>
    public void Remember(TenantEntry tenant, TenantRefusal refusal)
    {
        if (_pools.TryGetValue(tenant.Id, out var making) && CompletedPool(making) is { } pool && pool.IsFor(tenant))
        {
            pool.Refuse(refusal, time.GetTimestamp() + (long)(RefusedFor.TotalSeconds * time.TimestampFrequency));
        }
    }

    /// <summary>Closes the pools of tenants that have changed, or that may not be used now.</summary>
    public async Task CloseChangedAsync()
    {
        foreach (var (id, making) in _pools)
        {
            if (CompletedPool(making) is { } pool && !IsCurrent(pool))
            {
                await RetireAsync(id, making, pool);
            }
        }
    }

    /// <summary>Closes connections that nobody has used for a while, and forgets pools without connections.</summary>
    public async Task CloseUnusedAsync()
    {
        var moment = time.GetTimestamp()
            - (long)(options.Value.CloseIdleAfter.TotalSeconds * time.TimestampFrequency);
        await CloseAsync(gate.TakeIdleSince(moment));
        foreach (var (id, making) in _pools)
        {
            if (CompletedPool(making) is { } pool && gate.TryRetireUnused(pool, moment))
            {
                _pools.TryRemove(KeyValuePair.Create(id, making));
            }
        }
    }

    /// <summary>Closes all connections. Those that a request uses are closed when they are given back.</summary>
    public async Task CloseAllAsync()
    {
        foreach (var (id, making) in _pools)
        {
            if (CompletedPool(making) is { } pool)
            {
                await RetireAsync(id, making, pool);
            }
        }
    }

    /// <summary>Closes idle connections that the gate has given out for this.</summary>
    public async Task CloseAsync(IEnumerable<ConnectionSlot> slots)
    {
        foreach (var slot in slots)
        {
            try
            {
                await slot.CloseAsync();
            }
            finally
            {
                gate.Remove();
            }
        }
    }

    private async ValueTask<TenantPool?> PoolAsync(TenantEntry tenant, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!_pools.TryGetValue(tenant.Id, out var making))
            {
                making = _pools.GetOrAdd(tenant.Id, _ => new(() => MakeAsync(tenant)));
            }

            try
            {
                var pool = CompletedPool(making) ?? await making.Value.WaitAsync(cancellationToken);
                if (pool is { IsRetired: false } && pool.IsFor(tenant))
                {
                    return pool;
                }

                // Its credential is gone, or the pool belongs to an earlier state of the tenant.
                await RetireAsync(tenant.Id, making, pool);
                if (pool is null)
                {
                    return null;
                }
            }
            catch when (making.Value is { IsCompleted: true, IsCompletedSuccessfully: false })
            {
                _pools.TryRemove(KeyValuePair.Create(tenant.Id, making));
                throw;
            }
        }
    }

    // Several requests wait for it, so no single request may cancel it.
    private async Task<TenantPool?> MakeAsync(TenantEntry tenant)
    {
        var settings = tenant.IsLegacy ? connections.OnlyTenantSettings()
            : await RegistryAway.AnswerAsync(connections.PoolSettingsAsync(
                tenant.CredentialId, tenant.DatabaseName!, CancellationToken.None));
        if (settings is null)
        {
            return null;
        }

        settings.ApplicationName = gate.ApplicationName;
        return new TenantPool(tenant, settings) { LastUsed = time.GetTimestamp() };
    }

    /// <returns>Null when the share of this instance does not allow the connection any more.</returns>
    private async ValueTask<NpgsqlConnection?> OpenAsync(ConnectionSlot slot, CancellationToken cancellationToken)
    {
        if (!slot.IsKept && !gate.MayOpen)
        {
            return null;
        }

        var began = time.GetTimestamp();
        var (connection, isNew) = await slot.OpenAsync(cancellationToken);
        try
        {
            if (isNew)
            {
                gate.NoteOpening(time.GetElapsedTime(began));
            }

            if (!isNew && !await AnswersAsync(slot, connection, cancellationToken))
            {
                gate.RecordFailure();
                await TryDisposeAsync(connection);
                await slot.CloseAsync();
                if (!gate.MayOpen)
                {
                    return null;
                }

                (connection, isNew) = await slot.OpenAsync(cancellationToken);
            }

            if (isNew)
            {
                // The lease may have ended while the connection was being opened. Then this instance may not keep it.
                if (!gate.MayOpen)
                {
                    await TryDisposeAsync(connection);
                    return null;
                }

                if (!slot.Pool.Entry.IsLegacy)
                {
                    await connections.DemandInsideAsync(connection, slot.Pool.Entry.DatabaseId, cancellationToken);
                }
            }

            if (_hasOtherRoute)
            {
                // A pooler takes no start-up options, and each reset of the session undoes what was set.
                await SessionSettings.ApplyAsync(connection, cancellationToken);
            }

            return connection;
        }
        catch
        {
            // The data source can close only connections that were returned to it.
            await TryDisposeAsync(connection);
            throw;
        }
    }

    private async ValueTask<bool> AnswersAsync(
        ConnectionSlot slot, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            if (_hasOtherRoute)
            {
                // Behind a pooler, the same connection may lead to another back end.
                await connections.DemandInsideAsync(connection, slot.Pool.Entry.DatabaseId, cancellationToken);
            }
            else if (time.GetElapsedTime(slot.LastUsed) >= SurelyAlive || slot.LastUsed <= gate.LastFailure)
            {
                await using var ping = new NpgsqlCommand("SELECT 1", connection) { CommandTimeout = PingSeconds };
                await ping.ExecuteNonQueryAsync(cancellationToken);
            }

            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private async ValueTask ReturnAsync(ConnectionSlot slot, NpgsqlConnection connection)
    {
        var isLost = connection.State != ConnectionState.Open;
        if (!await TryDisposeAsync(connection) || isLost)
        {
            // Others that were used before may be lost too.
            gate.RecordFailure();
            await CloseRentedAsync(slot);
        }
        else if (gate.Return(slot))
        {
            await CloseAsync([slot]);
        }
    }

    private async ValueTask CloseRentedAsync(ConnectionSlot slot)
    {
        try
        {
            await slot.CloseAsync();
        }
        finally
        {
            gate.RemoveRented(slot);
        }
    }

    // Giving back a connection ends its transaction first, which fails when the server has ended the session.
    private static async ValueTask<bool> TryDisposeAsync(NpgsqlConnection connection)
    {
        try
        {
            await connection.DisposeAsync();
            return true;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return false;
        }
    }

    private void DemandNotRefused(TenantPool pool)
    {
        if (pool.RefusalAt(time.GetTimestamp()) is not TenantRefusal.None and var refusal)
        {
            throw new TenantRefusedException(refusal, pool.Entry.DatabaseName ?? "-") { RetryAfter = RefusedFor };
        }
    }

    // The request may have waited for its connection, and the tenant may have been suspended meanwhile.
    private bool IsStillWhatWasSeen(TenantEntry tenant, TenantEntry? seen, TenantPool pool)
    {
        var now = catalog.CurrentOf(tenant);
        return ReferenceEquals(now, seen) ? tenant.RefusalNow(time) == TenantRefusal.None
            : now is not null && pool.IsFor(now) && now.RefusalNow(time) == TenantRefusal.None;
    }

    private async Task RetireAsync(int id, Lazy<Task<TenantPool?>> making, TenantPool? pool)
    {
        _pools.TryRemove(KeyValuePair.Create(id, making));
        if (pool is not null)
        {
            await CloseAsync(gate.Retire(pool));
        }
    }

    private bool IsCurrent(TenantPool pool) =>
        catalog.CurrentOf(pool.Entry) is { } entry && pool.IsFor(entry)
        && entry.RefusalNow(time) == TenantRefusal.None;

    private static TenantPool? CompletedPool(Lazy<Task<TenantPool?>> making) =>
        making is { IsValueCreated: true, Value: { IsCompletedSuccessfully: true } made } ? made.Result : null;
}
