using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Vigia.Core.Foundation.Telemetry;

namespace Vigia.Portal.Startup;

/// <summary>
/// OpenTelemetry. It always records, so that every log line has a trace id. It exports only when
/// OTEL_EXPORTER_OTLP_ENDPOINT is set.
/// </summary>
internal static class TelemetrySetup
{
    internal static void AddVigiaTelemetry(this WebApplicationBuilder builder)
    {
        var export = builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 };
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource =>
                resource.AddService(
                "vigia-portal", serviceVersion: typeof(TelemetrySetup).Assembly.GetName().Version?.ToString()))
            .WithTracing(tracing =>
            {
                tracing.AddSource(VigiaTelemetry.Name, "Microsoft.AspNetCore.Components",
                    "Microsoft.AspNetCore.Components.Server.Circuits").AddPostgres();
                tracing.AddAspNetCoreInstrumentation(
                    options => options.Filter = context =>
                    !context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal));
                if (export) tracing.AddOtlpExporter();
            })
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(VigiaTelemetry.Name).AddPostgres().AddAspNetCoreInstrumentation();
                if (export) metrics.AddOtlpExporter();
            });
    }
}
