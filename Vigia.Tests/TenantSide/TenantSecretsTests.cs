using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Vigia.Core.Foundation.Telemetry;
using Vigia.Portal.Startup;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.TenantSide;

/// <summary>No password, token or link of a tenant's user appears in the log.</summary>
public sealed class TenantSecretsTests(TenantSecretsTests.Listening host) : IClassFixture<TenantSecretsTests.Listening>
{
    private const string Typed = "clave-tecleada-como-nombre-99";
    private const string Chosen = "una frase que nadie mas sabe";

    [Fact]
    public async Task Log_OfSignInsAndAnInvitation_HasNoSecret()
    {
        var tenant = await host.TenantAsync("secretos");
        var link = TenantSideHost.TokenOf(await host.InvitedAsync(tenant.Id));
        using var nobody = host.Nobody(tenant.Name);
        Assert.Equal(200, (await nobody.GetAsync(
            $"/invitacion?token={link}", ("Host", $"{tenant.Name}.{TenantSideHost.Domain}"))).Status);
        Assert.Equal(204, (await nobody.PostAsync("auth/invitation", new { token = link, password = Chosen })).Status);
        var answer = (await nobody.LoginAsync($"admin@{tenant.Name}.pe", Chosen)).Expect(200);
        (await nobody.LoginAsync(Typed, Typed)).ExpectProblem(401, "credentials_wrong");
        using var user = new TenantCalls(host.Address, null, TenantWorld.TokenIn(answer));
        (await user.GetAsync("auth/me")).Expect(200);
        (await user.PostAsync("users", new { email = "luis@a.pe", password = Typed, roles = new[] { "qf" } }))
            .Expect(201);

        var lines = host.Log.Lines;
        Assert.Contains(lines, line => line.Contains("was refused", StringComparison.Ordinal));
        Assert.Equal([], lines.Where(line => new[] { link, Chosen, Typed, user.Token!, user.Token![^40..], "$2b$" }
            .Any(secret => line.Contains(secret, StringComparison.Ordinal))));
    }

    [Fact]
    public async Task Call_ThatContradictsItself_IsLoggedAndCounted()
    {
        var (one, other) = (await host.TenantAsync("uno"), await host.TenantAsync("dos"));
        using var user = await one.SignedInAsync("rosa");
        var counted = new ConcurrentBag<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, own) =>
        {
            if (instrument == VigiaTelemetry.TenantMismatches)
            {
                own.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, number, tags, _) => counted.Add($"{number} {tags[0].Value}"));
        listener.Start();

        var problem = (await user.GetAsync("auth/me", ("X-Tenant", other.Name))).ExpectProblem(403, "tenant_mismatch");

        Assert.Contains("1 Header", counted);
        var line = Assert.Single(host.Log.Lines, line => line.Contains(
            problem.GetProperty("traceId").GetString()!, StringComparison.Ordinal) && line.Contains(
            "different tenants", StringComparison.Ordinal));
        Assert.StartsWith("Warning", line, StringComparison.Ordinal);
        Assert.Contains("Strategy=Header", line, StringComparison.Ordinal);
        Assert.Matches("Source=(127.0.0.1|::1)", line);
        Assert.DoesNotContain(user.Token!, line, StringComparison.Ordinal);
    }

    /// <summary>A portal whose log is kept: our own at every level, the framework's at Information.</summary>
    public sealed class Listening(PostgresServer server) : TenantSideHost(server)
    {
        public LogCapture Log { get; } = new();

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.ConfigureTestServices(services => services.AddSingleton<ILoggerFactory>(_ => LoggerFactory.Create(
                logging => logging.SetMinimumLevel(LogLevel.Information).AddFilter("Vigia", LogLevel.Trace)
                    .AddFilter(LoggingSetup.WritesAddresses, LogLevel.Warning).AddProvider(Log))));
        }
    }
}
