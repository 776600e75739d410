using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Vigia.Core.Foundation.Telemetry;

/// <summary>Traces and metrics of the portal, exported over OTLP. See docs/rules.md#telemetry.</summary>
public static class VigiaTelemetry
{
    /// <summary>The name of the activity source and of the meter.</summary>
    public const string Name = "Vigia";

    public static readonly ActivitySource Source = new(Name);

    private static readonly Meter Meter = new(Name);

    /// <summary>The number of operations that ended, by <c>kind</c> and <c>result</c>.</summary>
    public static readonly Counter<long> Operations =
        Meter.CreateCounter<long>("vigia.operations", "{operation}", "Operations ended");

    /// <summary>
    /// The number of requests whose header, token and host name different tenants, by the first <c>strategy</c>.
    /// </summary>
    public static readonly Counter<long> TenantMismatches = Meter.CreateCounter<long>(
        "vigia.tenant.mismatches", "{request}", "Requests that name different tenants");

    /// <summary>The duration of steps in seconds, by <c>kind</c>, <c>step</c> and <c>result</c>.</summary>
    public static readonly Histogram<double> StepDuration =
        Meter.CreateHistogram<double>("vigia.operation.step.duration", "s", "Duration of operation steps");
}
