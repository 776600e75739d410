using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Tests.Browser;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Api;

/// <summary>
/// Runs the file docs/api-walkthrough.sh against the real portal, so that the documentation shows only commands that
/// work.
/// </summary>
public sealed partial class WalkthroughTests(ApiHost host) : IClassFixture<ApiHost>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Script_OnTheRealPortal_LeavesRecordsAndNoTenant()
    {
        using var folder = TestFolder.Create();
        var spoken = await SpiedCurlAsync(folder.Path);

        var (exitCode, output, error) = await RunAsync(PortalHost.AdministratorPassword, folder.Path);

        Assert.True(exitCode == 0, output + error);
        Assert.EndsWith("Done.", output.Trim(), StringComparison.Ordinal);
        Assert.Contains("succeeded, 100 %", output, StringComparison.Ordinal);
        var (id, name) = (int.Parse(
            Tenant().Match(output).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture),
            Name().Match(output).Value);
        await using var db = await host.Services.GetRequiredService<IDbContextFactory<MasterContext>>()
            .CreateDbContextAsync(Cancellation);
        Assert.False(await db.Set<Tenant>().AnyAsync(t => t.Id == id, Cancellation));
        Assert.False(await db.Set<TrashedTenant>().AnyAsync(t => t.Id == id, Cancellation));
        Assert.False(await db.Database.SqlQuery<bool>(
            $"SELECT EXISTS (SELECT FROM pg_database WHERE datname = {"vigia_" + name}) AS \"Value\"")
            .SingleAsync(Cancellation));
        var actions = await db.Set<AuditEvent>().Where(e => e.TenantId == id).OrderBy(e => e.Seq).Select(e => e.Action)
            .ToListAsync(Cancellation);
        foreach (var action in new[] { "tenant.created", "tenant.updated", "tenant.suspended", "tenant.activated",
            "tenant.purged" })
        {
            Assert.True(actions.Contains(action), $"{action} is not among {string.Join(", ", actions)}");
        }

        Assert.All(await db.Set<AuditEvent>().Where(e => e.TenantId == id && e.OperationId == null).Select(e => e.Via)
            .Distinct().ToListAsync(Cancellation), via => Assert.Equal("API", via));
        var arguments = await File.ReadAllTextAsync(spoken, Cancellation);
        Assert.Contains("--data-binary", arguments, StringComparison.Ordinal);
        Assert.DoesNotContain(PortalHost.AdministratorPassword, arguments, StringComparison.Ordinal);
        Assert.DoesNotContain("Bearer", arguments, StringComparison.Ordinal);
        Assert.DoesNotContain("vgp_", arguments, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Script_WithAWrongPassword_StopsAtOnceAndSaysWhy()
    {
        using var folder = TestFolder.Create();

        var (exitCode, output, error) = await RunAsync("no es la de \"Ana\"", folder.Path);

        Assert.Equal(1, exitCode);
        Assert.Contains("answered 401 instead of 200", error, StringComparison.Ordinal);
        Assert.Contains("credentials_wrong", error, StringComparison.Ordinal);
        Assert.DoesNotContain("2. ", output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(folder.Path));
    }

    // Every user of the machine can see the arguments of curl.
    private static async Task<string> SpiedCurlAsync(string folder)
    {
        var (curl, spoken) = (Path.Combine(folder, "curl"), Path.Combine(folder, "spoken"));
        var real = Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator)
            .Select(place => Path.Combine(place, "curl")).First(File.Exists);
        await File.WriteAllTextAsync(
            curl, $"#!/bin/sh\nprintf '%s\\n' \"$@\" >>'{spoken}'\nexec {real} \"$@\"\n", Cancellation);
        File.SetUnixFileMode(curl, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return spoken;
    }

    private async Task<(int ExitCode, string Output, string Error)> RunAsync(string password, string folder)
    {
        var start = new ProcessStartInfo(
            "sh", [Script()])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["VIGIA_URL"] = host.Address.ToString();
        start.Environment["VIGIA_EMAIL"] = PortalHost.AdministratorEmail;
        start.Environment["VIGIA_PASSWORD"] = password;
        start.Environment["TMPDIR"] = folder;
        start.Environment["PATH"] = $"{folder}{Path.PathSeparator}{Environment.GetEnvironmentVariable("PATH")}";
        using var script = Process.Start(start)!;
        var (output, error) =
            (script.StandardOutput.ReadToEndAsync(Cancellation), script.StandardError.ReadToEndAsync(Cancellation));
        await script.WaitForExitAsync(Cancellation);
        return (script.ExitCode, await output, await error);
    }

    private static string Script([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "docs", "api-walkthrough.sh"));

    [GeneratedRegex("tenant (\\d+),")]
    private static partial Regex Tenant();

    [GeneratedRegex("recorrido-\\d+-\\d+")]
    private static partial Regex Name();
}
