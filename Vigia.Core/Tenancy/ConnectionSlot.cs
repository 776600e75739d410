using Npgsql;
using Vigia.Core.Postgres;

namespace Vigia.Core.Tenancy;

/// <summary>
/// The permission to have one connection, and that connection while it is kept. Its data source holds one connection at
/// most, so that one can be closed without the others of the same tenant. Only the request that rents it uses it.
/// </summary>
internal sealed class ConnectionSlot
{
    private NpgsqlDataSource? _source;
    private TenantPool? _sourceOf;
    private int _backend;

    /// <summary>The pool that has it. <see cref="ConnectionGate"/> alone changes it.</summary>
    public required TenantPool Pool { get; set; }

    public long LastUsed { get; set; }

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

        _source ??= PostgresSessions.CreateForOne(Pool.Settings);
        var connection = await _source.OpenConnectionAsync(cancellationToken);
        var isNew = connection.ProcessID != _backend;
        _backend = connection.ProcessID;
        return (connection, isNew);
    }

    /// <summary>Closes the connection.</summary>
    public async ValueTask CloseAsync()
    {
        if (_source is { } source)
        {
            (_source, _backend) = (null, 0);
            await source.DisposeAsync();
        }
    }
}
