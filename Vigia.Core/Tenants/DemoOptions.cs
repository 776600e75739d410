using System.ComponentModel.DataAnnotations;

namespace Vigia.Core.Tenants;

/// <summary>Section <c>Demo</c>: tenants that try the product.</summary>
public sealed class DemoOptions
{
    public const string Section = "Demo";

    /// <summary>Days until a demo expires and becomes inactive, at the end of the last day in Lima.</summary>
    [Range(1, 365, ErrorMessage = "it is a whole number of days from 1 to 365")]
    public int Days { get; set; } = 30;
}
