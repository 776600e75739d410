using System.Collections.Concurrent;
using System.Data;
using Microsoft.Extensions.Options;
using Npgsql;
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

    private readonly ConcurrentDictionary<int, Lazy<Task<TenantPool?>>> _pools = new();

    /// <summary>How many pools there are.</summary>
    public int Pools => _pools.Count;

    /// <summary>Opens a session in the database of the tenant.</summary>
    /// <returns>Null when the entry is not current any more.</returns>
    /// <exception cref="TenantRefusedException"><c>connections_busy</c>.</exception>
    /// <exception cref="PostgresException">The server refused the session.</exception>
    public async ValueTask<TenantSession?> TryOpenAsync(TenantEntry tenant, CancellationToken cancellationToken)
    {
        if (await PoolAsync(tenant, cancellationToken) is not { } pool
            || await gate.RentAsync(pool, options.Value.WaitForConnection, cancellationToken) is not { } slot)
        {
            return null;
        }

        try
        {
            var connection = await OpenAsync(slot, cancellationToken);

            // The lease may have ended while the connection was being opened: then it is no longer ours to have.
            if (gate.IsValid || slot.LastUsed > 0)
            {
                return new TenantSession(tenant, connection, () => ReturnAsync(slot, connection));
            }

            await connection.DisposeAsync();
            await slot.CloseAsync();
        }
        catch (Exception e)
        {
            if (e is NpgsqlException { IsTransient: true })
            {
                gate.RecordFailure();
            }

            await slot.CloseAsync();
            gate.RemoveRented(slot);
            throw;
        }

        gate.RemoveRented(slot);
        return null;
    }

    /// <summary>Closes the pools of tenants that have changed, or that may not be used now.</summary>
    public async Task CloseChangedAsync()
    {
        foreach (var (id, making) in _pools)
        {
            if (MadeBy(making) is { } pool && !IsCurrent(pool))
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
            if (MadeBy(making) is { } pool && gate.TryRetireUnused(pool, moment))
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
            if (MadeBy(making) is { } pool)
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
            await slot.CloseAsync();
            gate.Remove();
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
                var pool = MadeBy(making) ?? await making.Value.WaitAsync(cancellationToken);
                if (pool is { IsRetired: false } && pool.IsFor(tenant))
                {
                    return pool;
                }

                // Its credential is gone, or the pool is of what the tenant was before.
                await RetireAsync(tenant.Id, making, pool);
                if (pool is null)
                {
                    return null;
                }
            }
            catch when (making.Value.IsFaulted)
            {
                _pools.TryRemove(KeyValuePair.Create(tenant.Id, making));
                throw;
            }
        }
    }

    // Several requests wait for it, so it is nobody's own to cancel.
    private async Task<TenantPool?> MakeAsync(TenantEntry tenant)
    {
        var settings = await connections.PoolSettingsAsync(
            tenant.CredentialId, tenant.DatabaseName!, CancellationToken.None);
        if (settings is null)
        {
            return null;
        }

        settings.ApplicationName = gate.ApplicationName;
        return new TenantPool(tenant, settings) { LastUsed = time.GetTimestamp() };
    }

    private async ValueTask<NpgsqlConnection> OpenAsync(
        ConnectionSlot slot, CancellationToken cancellationToken)
    {
        var (connection, isNew) = await slot.OpenAsync(cancellationToken);
        try
        {
            if (!isNew && !await AnswersAsync(slot, connection, cancellationToken))
            {
                gate.RecordFailure();
                await connection.DisposeAsync();
                await slot.CloseAsync();
                (connection, isNew) = await slot.OpenAsync(cancellationToken);
            }

            if (isNew)
            {
                slot.LastUsed = 0;
                await connections.DemandInsideAsync(connection, slot.Pool.Entry.DatabaseId, cancellationToken);
            }

            return connection;
        }
        catch
        {
            // The data source can close only what was given back to it.
            await connection.DisposeAsync();
            throw;
        }
    }

    private async ValueTask<bool> AnswersAsync(
        ConnectionSlot slot, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (time.GetElapsedTime(slot.LastUsed) < SurelyAlive && slot.LastUsed > gate.LastFailure)
        {
            return true;
        }

        try
        {
            await using var ping = new NpgsqlCommand("SELECT 1", connection) { CommandTimeout = PingSeconds };
            await ping.ExecuteNonQueryAsync(cancellationToken);
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
        await connection.DisposeAsync();
        if (isLost)
        {
            // Others that were used before may be lost too. The slot stays: its data source opens another connection.
            gate.RecordFailure();
        }

        if (gate.Return(slot))
        {
            await slot.CloseAsync();
            gate.Remove();
        }
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

    private static TenantPool? MadeBy(Lazy<Task<TenantPool?>> making) =>
        making is { IsValueCreated: true, Value: { IsCompletedSuccessfully: true } made } ? made.Result : null;
}
