using System.Diagnostics;
using System.Text;
using Vigia.Core.Postgres;

namespace Vigia.Tests.Infrastructure;

/// <summary>
/// The real program in a process of its own. Tests stop it, kill it, or check how it fails.
/// </summary>
public sealed class PortalProcess : IAsyncDisposable
{
    private static readonly string[] OurVariables =
    [
        "MASTER_DATABASE_URL", "TENANT_DB_TEMPLATE", "SAAS_BASE_DOMAIN", "DATABASE_URL", "SECRET_KEY",
        "SECRET_KEY_PREVIOUS", "PORTAL_SECRET_KEY", "PORTAL_SECRET_KEY_PREVIOUS", "ACCESS_TOKEN_EXPIRE_MINUTES",
        "PORTAL_DB_PASSWORD", "VIGIA_SUPERUSER_URL", "VIGIA_SUPERUSER_PASSWORD",
        "PORTAL_ADMIN_EMAIL", "PORTAL_ADMIN_PASSWORD", "PORTAL_ADMIN_NAME", "PORTAL_BASE_URL", "VIGIA_ROLES",
        "VIGIA_DATA_DIR", "ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS",
        "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT",
    ];

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();

    private PortalProcess(ProcessStartInfo start, Uri address)
    {
        Address = address;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Append(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Append(_error, line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>
    /// The file of the program: the published one that <c>VIGIA_TEST_PORTAL</c> names, or else the one that was built
    /// beside these tests.
    /// </summary>
    public static string Program { get; } = Environment.GetEnvironmentVariable("VIGIA_TEST_PORTAL") ?? Path.Combine(
        AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar).Replace(
            $"{Path.DirectorySeparatorChar}Vigia.Tests{Path.DirectorySeparatorChar}",
            $"{Path.DirectorySeparatorChar}Vigia.Portal{Path.DirectorySeparatorChar}", StringComparison.Ordinal),
        "Vigia.Portal.dll");

    public Uri Address { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public string Output => Read(_output);

    public string Error => Read(_error);

    /// <summary>Starts the program and returns at once.</summary>
    /// <param name="arguments">A command, or nothing to run the portal.</param>
    /// <param name="environment">Settings. None of the portal's settings are inherited from the test run.</param>
    /// <param name="folder">Working folder, where <c>.env</c> is looked for; null is an empty one.</param>
    /// <param name="user">
    /// The user of the process if the tests run as root; null is the user who runs the tests.
    /// </param>
    /// <param name="program">The file to run; null is the program that was built beside these tests.</param>
    public static PortalProcess Start(
        IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, string? folder = null,
        string? user = null, string? program = null)
    {
        var address = new Uri($"http://127.0.0.1:{PostgresCluster.FreePort()}");
        var start = new ProcessStartInfo(
            Environment.ProcessPath is { } host && Path.GetFileName(host) == "dotnet" ? host : "dotnet",
            [program ?? Program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? Directory.CreateTempSubdirectory("vigia-portal-").FullName,
        };
        foreach (var name in OurVariables) start.Environment.Remove(name);
        start.Environment["ASPNETCORE_URLS"] = address.ToString();
        foreach (var (name, value) in environment) start.Environment[name] = value;
        if (user is not null) start.UserName = user;
        return new PortalProcess(start, address);
    }

    /// <summary>Runs the program until it ends.</summary>
    public static async Task<ProgramResult> RunAsync(
        IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment,
        CancellationToken cancellationToken, string? folder = null)
    {
        await using var program = Start(arguments, environment, folder);
        return await program.WaitForExitAsync(cancellationToken);
    }

    public async Task<ProgramResult> WaitForExitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return new ProgramResult(_process.ExitCode, Output.Trim(), Error.Trim());
    }

    /// <summary>
    /// Waits until <c>/health/ready</c> reports success. If the program ends instead, fails with the program's output.
    /// </summary>
    public async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = Address };
        await Eventually.HoldsAsync(
            "the portal is ready",
            async () =>
            {
                Assert.False(_process.HasExited, $"The portal ended.\n{Output}\n{Error}");
                try
                {
                    using var answer = await client.GetAsync(
                        new Uri("/health/ready", UriKind.Relative), cancellationToken);
                    return answer.IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            cancellationToken,
            TimeSpan.FromMinutes(2));
    }

    /// <summary>Sends SIGKILL: no handler runs and nothing is cleaned up.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        _process.Kill();
        await _process.WaitForExitAsync(cancellationToken);
    }

    /// <summary>Sends SIGTERM, as a service manager does.</summary>
    public async Task<ProgramResult> StopAsync(CancellationToken cancellationToken)
    {
        await ServerUser.Current.RunAsync("kill", ["-TERM", $"{Id}"], cancellationToken);
        return await WaitForExitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync(CancellationToken.None);
        _process.Dispose();
    }

    private static void Append(StringBuilder text, string? line)
    {
        if (line is null) return;
        lock (text) text.AppendLine(line);
    }

    private static string Read(StringBuilder text)
    {
        lock (text) return text.ToString();
    }
}
