using Vigia.Core.Operations;

namespace Vigia.Core.Fleet;

/// <summary>Brings one client's database to this build's schema while its users work.</summary>
internal sealed class MigrateTenant(SchemaSteps schema) : OperationDefinition
{
    public const string KindName = "migrate_tenant";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> StepsFor(Operation operation) =>
    [
        new("migrate", schema.MigrateAsync, schema.RecordAsync) { Keeps = true },
        new("check", schema.CheckAsync) { Keeps = true },
    ];

    /// <summary>At any time: the migration under way is rolled back, those before it stay.</summary>
    public override bool CanCancel(Operation operation) => true;
}
