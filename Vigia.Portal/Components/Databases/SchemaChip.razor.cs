using Microsoft.AspNetCore.Components;
using Vigia.Core.Fleet;

namespace Vigia.Portal.Components.Databases;

/// <summary>The version of a schema and how it stands to this portal's.</summary>
public sealed partial class SchemaChip
{
    [Parameter, EditorRequired]
    public int Version { get; set; }

    [Parameter, EditorRequired]
    public SchemaStanding Standing { get; set; }
}
