using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Vigia.Tests.Browser;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.TenantSide;

/// <summary>
/// Runs the file docs/tenant-walkthrough.sh against the real portal. The link of the invitation is read from the mail.
/// </summary>
public sealed partial class TenantWalkthroughTests(TenantSideHost host) : IClassFixture<TenantSideHost>
{
    private const string Mailbox = "rosa.recorrido@andinos.pe";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Script_OnTheRealPortal_Succeeds()
    {
        using var folder = TestFolder.Create();
        var spoken = await SpiedCurlAsync(folder.Path);
        using var script = Start(folder.Path);
        var (output, error) = (new List<string>(), script.StandardError.ReadToEndAsync(Cancellation));
        while (await script.StandardOutput.ReadLineAsync(Cancellation) is { } line)
        {
            output.Add(line);
            if (line.StartsWith("3. ", StringComparison.Ordinal))
            {
                await script.StandardInput.WriteLineAsync(await LinkAsync());
            }
        }

        await script.WaitForExitAsync(Cancellation);
        var said = string.Join('\n', output);
        Assert.True(script.ExitCode == 0, said + await error);
        Assert.Equal("Done.", output[^1]);
        Assert.Contains("invitation_gone", said, StringComparison.Ordinal);
        Assert.Contains("limit_reached: The limit of users is reached: 2 of 2 in use.", said, StringComparison.Ordinal);
        Assert.Contains("tenant_inactive", said, StringComparison.Ordinal);
        Assert.Contains("tenant_unknown", said, StringComparison.Ordinal);
        var arguments = await File.ReadAllTextAsync(spoken, Cancellation);
        Assert.Contains("--data-urlencode", arguments, StringComparison.Ordinal);
        Assert.DoesNotContain(PortalHost.AdministratorPassword, arguments, StringComparison.Ordinal);
        Assert.DoesNotContain("Bearer", arguments, StringComparison.Ordinal);
        Assert.DoesNotContain(await InvitationAsync(), arguments, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(folder.Path));
    }

    private async Task<string> InvitationAsync() => TenantSideHost.TokenOf(await LinkAsync());

    private async Task<string> LinkAsync()
    {
        string? link = null;
        await Eventually.HoldsAsync("the mail arrives", () =>
        {
            link = host.Mail.Messages.Where(mail => mail.To.Mailboxes.Any(box => box.Address == Mailbox))
                .Select(mail => Link().Match(mail.TextBody!).Value).FirstOrDefault(found => found.Length > 0);
            return Task.FromResult(link is not null);
        }, Cancellation);
        return link!;
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

    private Process Start(string folder)
    {
        var start = new ProcessStartInfo("sh", [Script()])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["VIGIA_URL"] = host.Address.ToString();
        start.Environment["VIGIA_EMAIL"] = PortalHost.AdministratorEmail;
        start.Environment["VIGIA_PASSWORD"] = PortalHost.AdministratorPassword;
        start.Environment["VIGIA_MAILBOX"] = Mailbox;
        start.Environment["TMPDIR"] = folder;
        start.Environment["PATH"] = $"{folder}{Path.PathSeparator}{Environment.GetEnvironmentVariable("PATH")}";
        return Process.Start(start)!;
    }

    private static string Script([CallerFilePath] string here = "") => Path.GetFullPath(
        Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "docs", "tenant-walkthrough.sh"));

    [GeneratedRegex(@"https://\S+/invitacion\?token=[0-9a-f]{64}")]
    private static partial Regex Link();
}
