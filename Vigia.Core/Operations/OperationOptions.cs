namespace Vigia.Core.Operations;

/// <summary>How the operations engine works; section <c>Operations</c> of the settings.</summary>
public sealed class OperationOptions
{
    public const string Section = "Operations";

    /// <summary>Operations this instance works on at once.</summary>
    public int Workers { get; set; } = 4;

    /// <summary>How long an operation stays claimed without renewal. A stopped worker's operation is taken over after it.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How often the lease is renewed.</summary>
    public TimeSpan Renewal { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The net under LISTEN/NOTIFY: how often a worker looks without being woken.</summary>
    public TimeSpan Poll { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Attempts at an operation whose errors are transient before it fails.</summary>
    public int MaxAttempts { get; set; } = 12;

    /// <summary>The first pause after a transient error; doubled with every attempt.</summary>
    public TimeSpan FirstBackOff { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause after a transient error.</summary>
    public TimeSpan LongestBackOff { get; set; } = TimeSpan.FromMinutes(1);
}
