using System.ComponentModel.DataAnnotations;

namespace Vigia.Core.Foundation.Configuration;

/// <summary>Section <c>Portal</c>: how this installation presents itself.</summary>
public sealed class PortalOptions
{
    public const string Section = "Portal";

    /// <summary>
    /// The purpose of this installation. Every page shows it in a coloured band, unless it is empty or
    /// <c>produccion</c>.
    /// </summary>
    [StringLength(30, ErrorMessage = "it has more than 30 characters")]
    public string EnvironmentName { get; set; } = "";

    /// <summary>Whether this is the production installation, which shows no band.</summary>
    public bool IsProduction =>
        EnvironmentName.Length == 0 || EnvironmentName.Equals("produccion", StringComparison.OrdinalIgnoreCase)
        || EnvironmentName.Equals("producción", StringComparison.OrdinalIgnoreCase)
            || EnvironmentName.Equals("production", StringComparison.OrdinalIgnoreCase);
}
