using System.Text.RegularExpressions;

namespace Vigia.Tests.Architecture;

/// <summary>
/// Work on many tenants that a person starts shows its cost first, and asks for a number above fifty.
/// </summary>
public sealed partial class BulkWorkTests
{
    // The services that queue work on many tenants, and the component that asks before it calls each.
    private static readonly Dictionary<string, string> Asking = new()
    {
        ["Vigia.Core/Lifecycle/Adoption/FleetAdoption.cs"] = "Vigia.Portal/Components/Adoption/FleetSection.razor.cs",
        ["Vigia.Core/Lifecycle/SchemaUpgrades/SchemaUpgradeService.cs"] =
            "Vigia.Portal/Components/SchemaUpgrades/UpgradeButton.razor.cs",
        ["Vigia.Core/Tenants/TenantBulk.cs"] = "Vigia.Portal/Components/Tenants/TenantSelectionBar.razor.cs",
    };

    [Fact]
    public void EnqueueMany_EachCaller_HasAQuestionWithItsCost()
    {
        var callers = SourceFiles.Of("Vigia.Core", "*.cs").Concat(SourceFiles.Of("Vigia.Portal", "*.cs"))
            .Where(file => Call().IsMatch(File.ReadAllText(file))).Select(SourceFiles.RelativePath);

        Assert.Equal(Asking.Keys.Order(StringComparer.Ordinal), callers.Order(StringComparer.Ordinal));
        Assert.All(Asking.Values, component => Assert.Contains(
            "BulkQuestion.About(", File.ReadAllText(Path.Combine(SourceFiles.Root, component)),
            StringComparison.Ordinal));
    }

    [GeneratedRegex(@"\.EnqueueManyAsync\(")]
    private static partial Regex Call();
}
