using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Deletion;

/// <summary>The host of <see cref="OvertakenTests"/>, which makes chosen steps fail.</summary>
public sealed class OvertakenHost(PostgresServer server) : IAsyncLifetime
{
    private CoreHost? _host;
    private StepFaults? _faults;

    public CoreHost Host => _host ?? throw new InvalidOperationException("Not started.");

    public StepFaults Faults => _faults ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync() =>
        _faults = await StepFaults.InstallAsync(_host = await CoreHost.StartAsync(server, configure: services =>
        services.Configure<IsolationOptions>(
            o => (o.KeepReplacedRoleFor, o.LookAgainAfter) = (TimeSpan.Zero, TimeSpan.FromMilliseconds(100)))));

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }
    }
}
