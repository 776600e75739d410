using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Options;
using Vigia.Portal.Components.Transport;

namespace Vigia.Portal.Startup;

/// <summary>Gives the limits of <see cref="LimitOptions"/> to the server and to the open pages.</summary>
internal static class LimitSetup
{
    private const int Kilobyte = 1024;

    internal static void AddLimits(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.Configure<LimitOptions>(builder.Configuration.GetSection(LimitOptions.Section));
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<LimitOptions>>((server, limits) =>
        {
            server.Limits.MaxConcurrentConnections = limits.Value.Connections;
            server.Limits.MaxConcurrentUpgradedConnections = limits.Value.OpenPages;
            server.Limits.MaxRequestBodySize = limits.Value.BodyKilobytes * Kilobyte;
        });
        services.AddOptions<CircuitOptions>().Configure<IOptions<LimitOptions>>((circuits, limits) =>
        {
            circuits.DisconnectedCircuitMaxRetained = limits.Value.LostPages;
            circuits.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(limits.Value.LostPageMinutes);
        });

        // The framework's default of 32 KiB would end the page of a person who pastes a text of 20 KiB.
        services.AddOptions<HubOptions>().Configure<IOptions<LimitOptions>>(
            (hub, limits) => hub.MaximumReceiveMessageSize = limits.Value.MessageKilobytes * Kilobyte);
    }
}
