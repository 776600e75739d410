namespace Vigia.Portal.Startup;

/// <summary>
/// Checks whether the portal on this machine is ready. It is the health check of the container, whose image has no
/// curl.
/// </summary>
internal static class HealthProbe
{
    internal static async Task<int> RunAsync(IConfiguration configuration, CancellationToken cancellationToken)
    {
        var url = new Uri(PortalAddress.Local(configuration), "/health/ready");
        // The certificate names another host than 127.0.0.1. It is not verified, because a loopback connection can't be
        // intercepted.
        using var handler =
            new HttpClientHandler
            {
                ServerCertificateCustomValidationCallback =
            HttpClientHandler.DangerousAcceptAnyServerCertificateValidator
            };
        using var client = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            using var answer = await client.GetAsync(url, cancellationToken);
            await Console.Out.WriteLineAsync(
                $"{url}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellationToken)}");
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync($"{url}: {e.Message}");
            return 1;
        }
    }
}
