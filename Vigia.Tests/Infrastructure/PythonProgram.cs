using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Vigia.Tests.Architecture;

namespace Vigia.Tests.Infrastructure;

/// <summary>
/// A Python program of <c>docs/</c> that answers each line of its input with a line of JSON. The interpreter of the
/// system has Debian's SQLAlchemy and psycopg2.
/// </summary>
public sealed class PythonProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private PythonProgram(Process process) =>
        (_process, _errors) = (process, process.StandardError.ReadToEndAsync(CancellationToken.None));

    /// <param name="path">The path of the program in the repository.</param>
    /// <param name="environment">Variables that it reads.</param>
    public static PythonProgram Start(string path, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("/usr/bin/python3", ["-B", Path.Combine(SourceFiles.Root, path)])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
        };
        start.Environment["PYTHONIOENCODING"] = "utf-8";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new PythonProgram(Process.Start(start)!);
    }

    /// <summary>Sends a line and returns the answer. A program that has ended fails the test with its errors.</summary>
    public async Task<JsonElement> AskAsync(string line, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(line.AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        var answer = await _process.StandardOutput.ReadLineAsync(cancellationToken);
        Assert.True(answer is not null, answer is null ? await _errors : "");
        return JsonElement.Parse(answer!);
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }
}
