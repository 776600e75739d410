using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Vigia.Benchmarks.Pages;

/// <summary>The portal as users run it: published, and compiled ahead of time.</summary>
internal sealed class PublishedPortal : IDisposable
{
    private readonly string? _folder;

    private PublishedPortal(string program, string? folder) => (Program, _folder) = (program, folder);

    /// <summary>The file that <c>dotnet</c> runs.</summary>
    public string Program { get; }

    /// <summary>
    /// Publishes the portal with <c>script/publish</c>, which takes a minute or two, unless
    /// <paramref name="program"/> names one that is already published.
    /// </summary>
    public static async Task<PublishedPortal> PrepareAsync(string? program, CancellationToken cancellationToken)
    {
        if (program is not null)
        {
            return new PublishedPortal(Path.GetFullPath(program), folder: null);
        }

        var folder = Directory.CreateTempSubdirectory("vigia-published-").FullName;
        using var publishing = Process.Start(Path.Combine(Root(), "script", "publish"), [folder]);
        await publishing.WaitForExitAsync(cancellationToken);
        return publishing.ExitCode == 0 ? new PublishedPortal(Path.Combine(folder, "Vigia.Portal.dll"), folder)
            : throw new InvalidOperationException("The portal could not be published.");
    }

    public void Dispose()
    {
        if (_folder is not null)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private static string Root([CallerFilePath] string here = "") =>
        Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(here)))!;
}
