using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Layout;

/// <summary>The bands over everything: which portal this is when it is not production, and what holds for all of it.</summary>
public sealed partial class PortalBands
{
    private static readonly string[] Production = ["production", "producción", "produccion"];
    private string? _environment;

    [Inject]
    private PortalNotices Notices { get; set; } = default!;

    protected override void OnInitialized()
    {
        var name = Configuration["Portal:EnvironmentName"];
        _environment = string.IsNullOrWhiteSpace(name) || Production.Contains(name.Trim(), StringComparer.OrdinalIgnoreCase) ? null : name.Trim();
    }
}
