using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Connections;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Portal.Startup;

/// <summary>
/// Tries to listen on the portal's addresses, with their certificates, before anything is touched. Otherwise the master
/// is migrated, and perhaps too new for the portal that runs, by one that can't even start.
/// </summary>
internal static class ListeningCheck
{
    private static readonly string[] AddressSettings = ["urls", "http_ports", "https_ports"];

    /// <exception cref="StartupException">
    /// An address is taken or not this machine's, or a certificate is bad.
    /// </exception>
    internal static async Task DemandAddressesAsync(this WebApplicationBuilder builder)
    {
        if (Assembly.GetEntryAssembly() != typeof(ListeningCheck).Assembly)
        {
            // A program that hosts the portal, such as a test, gives it other addresses, and takes the first host that
            // is built for the portal's.
            return;
        }

        var trial = WebApplication.CreateEmptyBuilder(
            new WebApplicationOptions { ContentRootPath = builder.Environment.ContentRootPath });
        var kestrel = builder.Configuration.GetSection("Kestrel");
        trial.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration()
            .ConfigureKestrel(server => server.Configure(kestrel));
        foreach (var name in AddressSettings)
        {
            trial.WebHost.UseSetting(name, builder.WebHost.GetSetting(name));
        }

        await using var listener = trial.Build();
        try
        {
            await listener.StartAsync();
            await listener.StopAsync();
        }
        catch (Exception e)
        {
            throw Explain(e);
        }
    }

    internal static StartupException Explain(Exception exception) => new(exception switch
    {
        IOException { InnerException: AddressInUseException } inUse =>
            $"{inUse.Message}\nAnother program listens there; choose another address with ASPNETCORE_URLS, "
            + "for example http://127.0.0.1:5081",
        System.Net.Sockets.SocketException socket =>
            $"The portal can't listen on its addresses: {socket.Message}.\nChoose others with ASPNETCORE_URLS, for "
            + "example http://127.0.0.1:5081. A port below 1024 needs a right of its own.",
        CryptographicException or IOException or UnauthorizedAccessException or ArgumentException =>
            $"The certificate for https can't be used: {FirstLine(exception)}\nCheck Path, KeyPath and Password below "
            + "Kestrel:Certificates or Kestrel:Endpoints, and that the portal may read the files.",
        _ => $"The portal can't listen as ASPNETCORE_URLS and Kestrel say: {FirstLine(exception)}",
    });

    private static string FirstLine(Exception exception) => exception.Message.Split('\n')[0].Trim();
}
