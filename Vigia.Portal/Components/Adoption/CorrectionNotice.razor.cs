using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Adoption;

/// <summary>For a row of the registry that is older than the portal and breaks a rule.</summary>
public sealed partial class CorrectionNotice
{
    /// <summary>The rules that it breaks.</summary>
    [Parameter, EditorRequired]
    public IReadOnlyList<string> Rules { get; set; } = [];
}
