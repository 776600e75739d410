using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Vigia.Tests.Startup;

/// <summary>
/// <c>script/server</c> says what it does before it compiles. It does not compile here: the script finds other programs
/// of the names that it calls.
/// </summary>
public sealed class ServerScriptTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vigia-script-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(null, "http://127.0.0.1:5080")]
    [InlineData("http://0.0.0.0:8080", "http://0.0.0.0:8080")]
    public async Task Server_FirstStart_SaysThatItCompilesAndItsAddress(string? urls, string address)
    {
        Write("script/bootstrap", "");
        Write("script/publish", "echo \"publish $1\" >&2");
        Write("bin/dotnet", "echo \"dotnet $1\" >&2");
        Write("script/server", await File.ReadAllTextAsync(Script(), TestContext.Current.CancellationToken));
        var start = new ProcessStartInfo("bash", Path.Combine(_folder.FullName, "script", "server"))
        {
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = $"{Path.Combine(_folder.FullName, "bin")}:{start.Environment["PATH"]}";
        start.Environment["ASPNETCORE_URLS"] = urls;

        using var server = Process.Start(start)!;
        var lines = (await server.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n');

        Assert.StartsWith("Compiling for the first time", lines[0], StringComparison.Ordinal);
        Assert.EndsWith($"The portal will be on {address}", lines[0], StringComparison.Ordinal);
        Assert.Equal(["publish artifacts/portal", "dotnet artifacts/portal/Vigia.Portal.dll"], lines[1..3]);
    }

    private void Write(string name, string text)
    {
        var file = Path.Combine(_folder.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(
            file, text.StartsWith("#!", StringComparison.Ordinal) ? text : $"#!/usr/bin/env bash\n{text}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static string Script([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "script", "server");
}
