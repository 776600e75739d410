using Npgsql;
using Vigia.Core.Foundation.Configuration;

namespace Vigia.Core.Registry.Master;

/// <summary>
/// Identifies the place of a master. A copy has another fingerprint. See docs/rules.md#copied-master.
/// </summary>
/// <param name="Location">Host and port. For the private cluster its folder, because its port changes.</param>
/// <param name="DatabaseOid">The oid of the database on its server.</param>
/// <param name="SystemIdentifier">
/// The system identifier of the cluster, assigned by initdb. A base backup keeps it, so it is not sufficient alone.
/// </param>
public sealed record MasterFingerprint(string Location, long DatabaseOid, string SystemIdentifier)
{
    /// <summary>Returns the fingerprint that is stored in the master. Null before the first start.</summary>
    public static MasterFingerprint? Of(MasterInstance instance) =>
        instance is { Location: { } location, DatabaseOid: { } oid, SystemIdentifier: { } system }
            ? new MasterFingerprint(location, oid, system) : null;

    public void StoreIn(MasterInstance instance) =>
        (instance.Location, instance.DatabaseOid, instance.SystemIdentifier) =
        (Location, DatabaseOid, SystemIdentifier);

    public override string ToString() => $"{Location}, oid {DatabaseOid}, {SystemIdentifier}";
}

/// <summary>Reads the fingerprint of the master at the place where it is now.</summary>
public sealed class MasterPlace(NpgsqlDataSource master, VigiaSettings settings)
{
    public async Task<MasterFingerprint> ReadAsync(CancellationToken cancellationToken)
    {
        await using var command = master.CreateCommand(
            """
            SELECT oid::bigint, (SELECT system_identifier::text FROM pg_control_system())
            FROM pg_database WHERE datname = current_database()
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var location = settings.UsesPrivateCluster ? settings.DataDirectory
            : $"{settings.MasterDatabase.Host}:{settings.MasterDatabase.Port}";
        return new MasterFingerprint(location, reader.GetInt64(0), reader.GetString(1));
    }
}
