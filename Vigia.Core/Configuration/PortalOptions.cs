using System.ComponentModel.DataAnnotations;

namespace Vigia.Core.Configuration;

/// <summary>Section <c>Portal</c>: how this installation presents itself.</summary>
public sealed class PortalOptions
{
    public const string Section = "Portal";

    /// <summary>What this portal is for; anything but <c>produccion</c> or nothing is shown in a coloured band on every page.</summary>
    [StringLength(30, ErrorMessage = "it has more than 30 characters")]
    public string EnvironmentName { get; set; } = "";

    /// <summary>This is the installation that clients live in: no band.</summary>
    public bool IsProduction =>
        EnvironmentName.Length == 0 || EnvironmentName.Equals("produccion", StringComparison.OrdinalIgnoreCase)
        || EnvironmentName.Equals("producción", StringComparison.OrdinalIgnoreCase) || EnvironmentName.Equals("production", StringComparison.OrdinalIgnoreCase);
}
