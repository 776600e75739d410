namespace Vigia.Portal.Startup;

/// <summary>Asks the portal on this machine whether it is ready: the container's health check, in an image without curl.</summary>
internal static class HealthProbe
{
    internal static async Task<int> RunAsync(IConfiguration configuration, CancellationToken cancellationToken)
    {
        var url = new Uri(PortalAddress.Local(configuration), "/health/ready");
        // The certificate is made out to another name than 127.0.0.1, and nobody is between us and ourselves.
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
        using var client = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            using var answer = await client.GetAsync(url, cancellationToken);
            await Console.Out.WriteLineAsync($"{url}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellationToken)}");
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync($"{url}: {e.Message}");
            return 1;
        }
    }
}
