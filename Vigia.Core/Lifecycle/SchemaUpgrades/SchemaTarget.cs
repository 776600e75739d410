using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.Lifecycle.SchemaUpgrades;

/// <summary>The data of a schema upgrade.</summary>
/// <param name="Target">
/// The version of the build that requested it. In a rolling upgrade an older instance leaves the work to a newer one.
/// </param>
internal sealed record SchemaTarget(int Target)
{
    private static readonly TimeSpan AnotherMayTakeIt = TimeSpan.FromSeconds(5);

    /// <exception cref="NotYetException">This build is older than the one that requested the upgrade.</exception>
    public static void DemandReached(OperationContext context, TenantSchemaVersions versions)
    {
        if (context.Data<SchemaTarget>().Target > versions.Head)
        {
            throw new NotYetException(new Message("schema_needs_newer_portal"), AnotherMayTakeIt);
        }
    }
}
