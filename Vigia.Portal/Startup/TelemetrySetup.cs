using Npgsql;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Vigia.Core.Telemetry;

namespace Vigia.Portal.Startup;

/// <summary>OpenTelemetry: always listening, so that every line has a trace id; exported when OTEL_EXPORTER_OTLP_ENDPOINT says where to.</summary>
internal static class TelemetrySetup
{
    internal static void AddVigiaTelemetry(this WebApplicationBuilder builder)
    {
        var export = builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 };
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("vigia-portal", serviceVersion: typeof(TelemetrySetup).Assembly.GetName().Version?.ToString()))
            .WithTracing(tracing =>
            {
                tracing.AddSource(VigiaTelemetry.Name, "Microsoft.AspNetCore.Components", "Microsoft.AspNetCore.Components.Server.Circuits").AddNpgsql();
                tracing.AddAspNetCoreInstrumentation(options => options.Filter = context => !context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal));
                if (export) tracing.AddOtlpExporter();
            })
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(VigiaTelemetry.Name, "Npgsql").AddAspNetCoreInstrumentation();
                if (export) metrics.AddOtlpExporter();
            });
    }
}
