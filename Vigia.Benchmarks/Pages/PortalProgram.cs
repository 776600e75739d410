using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Vigia.Benchmarks.Pages;

/// <summary>
/// The real portal in a process of its own, for its pages only: the workers are those of <see cref="World"/>. So the
/// processor that it uses is the pages'.
/// </summary>
internal sealed partial class PortalProgram : IAsyncDisposable
{
    private const string Email = "ana.quispe@vigia.example";
    private const string Password = "Tres-tristes-tigres-81";
    private readonly Process _process;
    private readonly List<OpenPage> _pages = [];

    private PortalProgram(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    public int Pages => _pages.Count;

    /// <summary>How often the server has drawn any of the open pages.</summary>
    public int Renders => _pages.Sum(page => page.Renders);

    /// <summary>How long the program took until it was ready.</summary>
    public TimeSpan Ready { get; private init; }

    /// <summary>The memory that the process holds, in bytes.</summary>
    public long Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>The time that the process has used of all processors.</summary>
    public TimeSpan Processor
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts the program on the cluster in this folder.</summary>
    public static async Task<PortalProgram> StartAsync(
        string program, string folder, CancellationToken cancellationToken)
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var address = new Uri(string.Create(
            CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}"));
        free.Stop();
        var start = new ProcessStartInfo("dotnet", [program])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = folder,
        };
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = address.ToString(),
            ["VIGIA_DATA_DIR"] = folder,
            ["VIGIA_ROLES"] = "staff",
            ["SAAS_BASE_DOMAIN"] = "vigia.test",
            ["PORTAL_ADMIN_EMAIL"] = Email,
            ["PORTAL_ADMIN_PASSWORD"] = Password,
            ["Staff__RequireSecondFactor"] = "None",
            ["Limits__OpenPagesPerPerson"] = "1000",
            ["Api__RequestsPerMinutePerToken"] = "1000000",
            ["Api__RequestsPerMinutePerAddress"] = "1000000",
            ["Logging__LogLevel__Default"] = "Warning",
        })
        {
            start.Environment[name] = value;
        }

        var began = Stopwatch.GetTimestamp();
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        using var client = new HttpClient { BaseAddress = address };
        while (!await IsReadyAsync(client, cancellationToken))
        {
            if (process.HasExited)
            {
                throw new InvalidOperationException($"The portal ended with {process.ExitCode}.");
            }

            await Task.Delay(20, cancellationToken);
        }

        return new PortalProgram(process, address) { Ready = Stopwatch.GetElapsedTime(began) };
    }

    /// <summary>Signs in to the API.</summary>
    /// <returns>A bearer token.</returns>
    public async Task<string> TokenAsync(CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = Address };
        using var answer = await client.PostAsJsonAsync(
            new Uri("/api/v1/admin/auth/token", UriKind.Relative), new { email = Email, password = Password },
            cancellationToken);
        answer.EnsureSuccessStatusCode();
        using var token = await answer.Content.ReadFromJsonAsync<JsonDocument>(cancellationToken);
        return token!.RootElement.GetProperty("access_token").GetString()!;
    }

    /// <summary>Opens pages until this many are open.</summary>
    public async Task OpenAsync(int pages, string path, CancellationToken cancellationToken)
    {
        using var handler = new HttpClientHandler { AllowAutoRedirect = false };
        using var visitor = new HttpClient(handler) { BaseAddress = Address };
        var form = await visitor.GetStringAsync(new Uri("/cuenta/entrar", UriKind.Relative), cancellationToken);
        using var content = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["_handler"] = "sign-in",
            ["__RequestVerificationToken"] = AntiforgeryToken().Match(form).Groups[1].Value,
            ["Input.Email"] = Email,
            ["Input.Password"] = Password,
        });
        (await visitor.PostAsync(new Uri("/cuenta/entrar", UriKind.Relative), content, cancellationToken)).Dispose();
        var cookies = handler.CookieContainer.GetCookieHeader(Address);
        while (_pages.Count < pages)
        {
            _pages.Add(await OpenPage.OpenAsync(visitor, cookies, new Uri(path, UriKind.Relative), cancellationToken));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_pages.Select(page => page.DisposeAsync().AsTask()));
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private static async Task<bool> IsReadyAsync(HttpClient client, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri("/health/ready", UriKind.Relative), cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex AntiforgeryToken();
}
