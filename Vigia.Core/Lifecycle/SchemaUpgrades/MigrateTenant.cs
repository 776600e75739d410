using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.SchemaUpgrades;

/// <summary>Upgrades one tenant's database to this build's schema while its users work.</summary>
internal sealed class MigrateTenant(SchemaUpgradeSteps schema) : OperationDefinition
{
    public static readonly OperationKind KindName = TenantAction.UpgradeSchema.OperationKind!.Value;

    public override OperationKind Kind => KindName;

    public override string Right => TenantAction.UpgradeSchema.Right;

    public override IReadOnlyList<Step> StepsFor(Operation operation) =>
    [
        new("migrate", schema.MigrateAsync, schema.RecordAsync) { KeepsEffects = true },
        new("check", schema.CheckAsync) { KeepsEffects = true },
    ];

    /// <summary>Always possible: the migration in progress is rolled back, and the earlier ones stay.</summary>
    public override bool CanCancel(Operation operation) => true;
}
