using Npgsql;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;

namespace Vigia.Core.Lifecycle.Provisioning;

/// <summary>Makes a tenant's database without content, at the schema of this build.</summary>
// Not sealed: the tests have a hundred masters on one server, each with a template of its own, and copy a database that
// is migrated once.
internal class EmptyDatabase(TenantMigrator migrator)
{
    // Nobody else knows this database, so only a very busy server can delay a lock in it.
    private static readonly TimeSpan LockTimeout = TimeSpan.FromMinutes(1);

    /// <summary>Makes it under an unclaimed name, at which there is no database.</summary>
    /// <param name="session">A session in the maintenance database.</param>
    public virtual async Task MakeAsync(
        OperationContext context, NpgsqlConnection session, string name, CancellationToken cancellationToken)
    {
        await DatabaseDdl.CreateEmptyAsync(session, name, cancellationToken);
        await using var inside = await context.OpenDatabaseAsync(name, cancellationToken);
        await migrator.MigrateAsync(inside, LockTimeout, cancellationToken);
    }
}
