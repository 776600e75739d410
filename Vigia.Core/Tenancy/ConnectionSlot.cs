using Npgsql;
using Vigia.Core.Postgres;

namespace Vigia.Core.Tenancy;

/// <summary>
/// The permission to have one connection, and that connection while it is kept. Its data source holds one connection at
/// most, so that it can be closed alone. Only the request that rents the slot uses it.
/// </summary>
internal sealed class ConnectionSlot
{
    private NpgsqlDataSource? _source;
    private TenantPool? _sourceOf;
    private volatile bool _isNew;

    public ConnectionSlot() => (NodeOfPool, NodeOfAll) = (new(this), new(this));

    /// <summary>The pool that has it. <see cref="ConnectionGate"/> alone changes it.</summary>
    public required TenantPool Pool { get; set; }

    public long LastUsed { get; set; }

    /// <summary>Its place among the idle connections of its pool.</summary>
    public LinkedListNode<ConnectionSlot> NodeOfPool { get; }

    /// <summary>Its place among the idle connections of all pools.</summary>
    public LinkedListNode<ConnectionSlot> NodeOfAll { get; }

    /// <summary>Whether it keeps a connection of its pool, which may be lost meanwhile.</summary>
    public bool IsKept => _source is not null && _sourceOf == Pool;

    /// <summary>
    /// Takes the kept connection, or opens one. A connection of another tenant is closed before, so that there are
    /// never two.
    /// </summary>
    /// <returns>The connection, and whether it is a new one.</returns>
    public async ValueTask<(NpgsqlConnection Connection, bool IsNew)> OpenAsync(CancellationToken cancellationToken)
    {
        if (_sourceOf != Pool)
        {
            await CloseAsync();
            _sourceOf = Pool;
        }

        // The data source knows whether it has opened another connection. The id of the back end does not: after a
        // restart of the server, the new one may have the same.
        _source ??= PostgresSessions.CreateForOne(Pool.Settings, opened: () => _isNew = true);
        _isNew = false;
        var connection = await _source.OpenConnectionAsync(cancellationToken);
        return (connection, _isNew);
    }

    /// <summary>Closes the connection. One that can't be closed is lost, so nothing of it is left either way.</summary>
    public async ValueTask CloseAsync()
    {
        if (_source is not { } source)
        {
            return;
        }

        _source = null;
        try
        {
            await source.DisposeAsync();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The caller still has other connections to close.
            return;
        }
    }
}
