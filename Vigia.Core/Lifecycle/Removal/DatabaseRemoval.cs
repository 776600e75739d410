using Npgsql;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;

namespace Vigia.Core.Lifecycle.Removal;

/// <summary>Drops databases of ours, whether provisioning was cancelled or a tenant is purged.</summary>
internal sealed class DatabaseRemoval(MasterIdentity identity)
{
    /// <summary>The name of a database until it is claimed.</summary>
    public static string UnclaimedNameOf(ManagedDatabase database) => $"{DatabaseDdl.UnclaimedPrefix}{database.Id:N}";

    /// <summary>
    /// Drops a database of ours: the one with its marker, under any name, and an unclaimed one under its
    /// <c>vigia_new_</c> name.
    /// </summary>
    public async Task DropAsync(NpgsqlConnection session, ManagedDatabase database, CancellationToken cancellationToken)
    {
        var marker = DatabaseMarker.ForDatabase(identity.MasterId, database.Id);
        if (await DatabaseDdl.FindByMarkerAsync(session, marker, cancellationToken) is { } found)
        {
            await HolderCheck.RunAsync(
                session, found.Name, () => DatabaseDdl.DropAsync(session, marker, found.Name, cancellationToken),
                cancellationToken);
        }

        var unclaimed = UnclaimedNameOf(database);
        await HolderCheck.RunAsync(
            session, unclaimed, () => DatabaseDdl.DropUnclaimedAsync(session, unclaimed, cancellationToken),
            cancellationToken);
    }
}
