using System.ComponentModel.DataAnnotations;

namespace Vigia.Core.Operations;

/// <summary>How the operations engine works; section <c>Operations</c> of the settings.</summary>
public sealed class OperationOptions : IValidatableObject
{
    public const string Section = "Operations";

    /// <summary>Operations this instance works on at once.</summary>
    [Range(1, 64)]
    public int Workers { get; set; } = 4;

    /// <summary>How long an operation stays claimed without renewal. A stopped worker's operation is taken over after it.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How often the lease is renewed.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:20:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan Renewal { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The net under LISTEN/NOTIFY: how often a worker looks without being woken.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan Poll { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Attempts at an operation whose errors are transient before it fails.</summary>
    [Range(1, 1000)]
    public int MaxAttempts { get; set; } = 12;

    /// <summary>The first pause after a transient error; doubled with every attempt.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan FirstBackOff { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause after a transient error.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan LongestBackOff { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>A lease must outlive two renewals that were missed.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        Renewal * 3 > Lease ? [new ValidationResult("Renewal must be at most a third of Lease", [nameof(Renewal)])] : [];
}
