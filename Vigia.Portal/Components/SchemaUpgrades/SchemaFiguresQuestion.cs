using Vigia.Core.Registry.Feed;

namespace Vigia.Portal.Components.SchemaUpgrades;

/// <summary>The figures of the databases' schema versions, which several pages show.</summary>
internal static class SchemaFiguresQuestion
{
    public static SharedQuestion Of { get; } =
        new("schema:figures", null, ChangeTopic.Tenants, ChangeTopic.Operations);
}
