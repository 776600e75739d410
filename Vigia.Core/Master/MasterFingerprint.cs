using Npgsql;
using Vigia.Core.Configuration;

namespace Vigia.Core.Master;

/// <summary>Where a master database lives: what a copy of it can't have in common with the original (invariant 11).</summary>
/// <param name="Location">Host and port, or the private cluster's folder, whose port changes.</param>
/// <param name="DatabaseOid">The database's oid on its server.</param>
/// <param name="SystemIdentifier">The cluster's, given by initdb; a base backup keeps it, therefore the other two.</param>
internal sealed record MasterFingerprint(string Location, long DatabaseOid, string SystemIdentifier)
{
    public static async Task<MasterFingerprint> ReadAsync(NpgsqlDataSource master, VigiaSettings settings, CancellationToken cancellationToken)
    {
        await using var command = master.CreateCommand(
            "SELECT oid::bigint, (SELECT system_identifier::text FROM pg_control_system()) FROM pg_database WHERE datname = current_database()");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var location = settings.UsesPrivateCluster ? settings.DataDirectory : $"{settings.MasterDatabase.Host}:{settings.MasterDatabase.Port}";
        return new MasterFingerprint(location, reader.GetInt64(0), reader.GetString(1));
    }

    /// <summary>The one stored with the master; null before its first start.</summary>
    public static MasterFingerprint? Of(MasterInstance instance) =>
        instance is { Location: { } location, DatabaseOid: { } oid, SystemIdentifier: { } system } ? new MasterFingerprint(location, oid, system) : null;

    public void StoreIn(MasterInstance instance) => (instance.Location, instance.DatabaseOid, instance.SystemIdentifier) = (Location, DatabaseOid, SystemIdentifier);

    public override string ToString() => $"{Location}, oid {DatabaseOid}, {SystemIdentifier}";
}
