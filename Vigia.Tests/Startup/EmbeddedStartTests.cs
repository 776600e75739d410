using System.Diagnostics;
using Vigia.Core.Postgres;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Startup;

/// <summary>The real program with its own PostgreSQL: started, shared, killed and stopped.</summary>
public sealed class EmbeddedStartTests : IAsyncLifetime
{
    private readonly TestFolder _folder = TestFolder.Create();

    private CancellationToken Cancellation { get; } = TestContext.Current.CancellationToken;

    private string Home => Path.Combine(_folder.Path, ".vigia");

    private int? Postmaster => PostmasterFile.Read(Path.Combine(Home, "postgres", "data"))?.ProcessId;

    [Fact]
    public async Task Run_NothingConfigured_StartsAServerThatTheNextRunReuses()
    {
        await using var first = Start();
        await first.WaitUntilReadyAsync(Cancellation);
        var server = Postmaster;
        Assert.NotNull(server);
        await first.KillAsync(Cancellation);

        await using var second = Start();
        await second.WaitUntilReadyAsync(Cancellation);
        Assert.Equal(server, Postmaster);

        var stopped = await second.StopAsync(Cancellation);
        Assert.True(stopped.ExitCode == 0, stopped.Error);
        Assert.Contains(Home, stopped.Output, StringComparison.Ordinal);
        Assert.Null(Postmaster);
    }

    [Fact]
    public async Task Run_PostmasterKilled_BecomesReadyAgain()
    {
        await using var portal = Start();
        await portal.WaitUntilReadyAsync(Cancellation);
        var server = Postmaster;
        using (var postmaster = Process.GetProcessById(server!.Value)) postmaster.Kill();

        await Eventually.HoldsAsync(
            "a new server", () => Task.FromResult(Postmaster is { } now && now != server), Cancellation);
        await portal.WaitUntilReadyAsync(Cancellation);
        Assert.Equal(0, (await portal.StopAsync(Cancellation)).ExitCode);
    }

    [Fact]
    public async Task Run_PortalAndPostmasterKilled_NextRunRecovers()
    {
        await using var first = Start();
        await first.WaitUntilReadyAsync(Cancellation);
        await first.KillAsync(Cancellation);
        using (var postmaster = Process.GetProcessById(Postmaster!.Value)) postmaster.Kill();

        await using var second = Start();
        await second.WaitUntilReadyAsync(Cancellation);
    }

    [Fact]
    public async Task Run_TwoAtOnce_FirstToStopKeepsTheServerRunning()
    {
        await using var one = Start();
        await using var two = Start();
        await one.WaitUntilReadyAsync(Cancellation);
        await two.WaitUntilReadyAsync(Cancellation);

        await one.StopAsync(Cancellation);
        Assert.NotNull(Postmaster);
        await two.WaitUntilReadyAsync(Cancellation);
        await two.StopAsync(Cancellation);
        Assert.Null(Postmaster);
    }

    [Fact]
    public async Task Run_NotAsRoot_Works()
    {
        // If the tests do not run as root, the tests above have shown this already.
        if (!Environment.IsPrivilegedProcess) return;
        Directory.CreateDirectory(Home);
        var given = await ServerUser.Current.RunAsync("chown", ["nobody", Home], Cancellation);
        Assert.True(given.ExitCode == 0, given.LastLine);

        // A development build serves its assets from the package folder of its builder, which other users can't read.
        var variables = Variables();
        variables["ASPNETCORE_STATICWEBASSETS"] = "none";
        await using var portal = PortalProcess.Start([], variables, _folder.Path, user: "nobody");
        await portal.WaitUntilReadyAsync(Cancellation);
        using var postmaster = Process.GetProcessById(Postmaster!.Value);
        var owner = await ServerUser.Current.RunAsync("stat", ["-c", "%U", $"/proc/{postmaster.Id}"], Cancellation);
        Assert.Equal("nobody", owner.Output);

        Assert.Equal(0, (await portal.StopAsync(Cancellation)).ExitCode);
    }

    [Fact]
    public async Task Run_FolderClosedToTheServersUser_UsesAnotherAndSaysSo()
    {
        if (!Environment.IsPrivilegedProcess) return;
        Directory.CreateDirectory(Home, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        await using var portal = Start();
        await portal.WaitUntilReadyAsync(Cancellation);
        var stopped = await portal.StopAsync(Cancellation);

        var elsewhere = stopped.Output.Split(["the cluster is in ", "\n"], StringSplitOptions.TrimEntries)
            .First(p => p.StartsWith("/var/lib/vigia/", StringComparison.Ordinal));
        Assert.True(Directory.Exists(Path.Combine(elsewhere, "postgres", "data")));
        Directory.Delete(elsewhere, recursive: true);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        var programs = await PostgresPrograms.FindAsync(CancellationToken.None);
        await _folder.StopServersAsync(programs[0], ServerUser.Find()!, CancellationToken.None);
        _folder.Dispose();
    }

    private PortalProcess Start() => PortalProcess.Start([], Variables(), _folder.Path);

    private Dictionary<string, string> Variables() => new() { ["VIGIA_DATA_DIR"] = Home, ["HOME"] = _folder.Path };
}
