using System.ComponentModel.DataAnnotations;

namespace Vigia.Core.Operations;

/// <summary>The settings of the operations engine, from section <c>Operations</c>.</summary>
public sealed class OperationOptions : IValidatableObject
{
    public const string Section = "Operations";

    /// <summary>The number of operations that this instance runs at the same time.</summary>
    [Range(1, 64)]
    public int Workers { get; set; } = 4;

    /// <summary>
    /// The time for which a claim holds without renewal. After it, the operation of a dead worker is taken over.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:02", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The interval at which the lease is renewed.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:20:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan Renewal { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The interval at which a worker polls the queue, in case a notification (LISTEN/NOTIFY) was lost.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan Poll { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The number of attempts with transient errors before the operation fails.</summary>
    [Range(1, 1000)]
    public int MaxAttempts { get; set; } = 12;

    /// <summary>
    /// How many times in a row the process may die at the same step before the operation fails instead of being taken
    /// over again.
    /// </summary>
    [Range(1, 1000)]
    public int MaxCrashes { get; set; } = 5;

    /// <summary>The first pause after a transient error. It doubles with every attempt.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan FirstBackOff { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause after a transient error.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan LongestBackOff { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>A lease must last longer than two missed renewals.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        Renewal * 3 > Lease ? [new ValidationResult("Renewal must be at most a third of Lease", [nameof(Renewal)])]
            : [];
}
