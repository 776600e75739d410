using Npgsql;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Vigia.Core.Foundation.Telemetry;

/// <summary>Traces and metrics of the driver that every session with PostgreSQL uses.</summary>
public static class PostgresTelemetry
{
    /// <summary>Traces every command that is sent to a server.</summary>
    public static TracerProviderBuilder AddPostgres(this TracerProviderBuilder tracing) => tracing.AddNpgsql();

    /// <summary>Measures connections, pools and commands.</summary>
    public static MeterProviderBuilder AddPostgres(this MeterProviderBuilder metrics) => metrics.AddMeter("Npgsql");
}
