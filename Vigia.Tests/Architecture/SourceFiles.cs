using System.Runtime.CompilerServices;

namespace Vigia.Tests.Architecture;

/// <summary>The files of the repository, without build output.</summary>
internal static class SourceFiles
{
    private static readonly string[] Built = ["bin", "obj", ".git", ".vigia", "node_modules"];

    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Files below a folder of the repository.</summary>
    /// <param name="folder">Relative to <see cref="Root"/>; empty for all files.</param>
    /// <param name="pattern">For example <c>*.cs</c>.</param>
    public static IEnumerable<string> Of(string folder, string pattern) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
            .Where(file => !RelativePath(file).Split('/').SkipLast(1).Any(Built.Contains));

    public static string RelativePath(string file) => Path.GetRelativePath(Root, file).Replace('\\', '/');

    private static string FindRoot([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
}
