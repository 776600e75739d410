using Microsoft.AspNetCore.Components;
using Vigia.Core.Lifecycle.SchemaUpgrades;

namespace Vigia.Portal.Components.SchemaUpgrades;

/// <summary>The version of a schema and how it compares with this build's.</summary>
public sealed partial class SchemaChip(SchemaOverview fleet)
{
    [Parameter, EditorRequired]
    public int Version { get; set; }

    [Parameter, EditorRequired]
    public SchemaStanding Standing { get; set; }
}
