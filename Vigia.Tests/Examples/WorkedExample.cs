using System.Text.RegularExpressions;
using Vigia.Tests.Architecture;

namespace Vigia.Tests.Examples;

/// <summary>The worked example of docs/extend.md, read from that page.</summary>
internal sealed partial class WorkedExample
{
    private const string Page = "docs/extend.md";

    private WorkedExample(IReadOnlyList<Change> changes) => Changes = changes;

    public IReadOnlyList<Change> Changes { get; }

    /// <summary>The existing files that the example touches.</summary>
    public IReadOnlyList<string> Edited => [.. Changes.Where(c => !c.IsNew).Select(c => c.Path).Distinct()];

    public static WorkedExample Read()
    {
        var (changes, path, isNew) = (new List<Change>(), "", false);
        foreach (Match match in HeadingOrBlock().Matches(File.ReadAllText(Path.Combine(SourceFiles.Root, Page))))
        {
            if (match.Groups["path"].Success)
            {
                (path, isNew) = (match.Groups["path"].Value, match.Groups["how"].Value == "New");
            }
            else if (path.Length > 0)
            {
                changes.Add(new Change(path, isNew, match.Groups["text"].Value));
            }
        }

        return new WorkedExample(changes);
    }

    /// <summary>Applies the example to a copy of the repository.</summary>
    public void ApplyTo(string copy)
    {
        foreach (var change in Changes)
        {
            change.ApplyTo(Path.Combine(copy, change.Path));
        }
    }

    [GeneratedRegex(@"^\*\*(?<how>Edit|New)\*\* `(?<path>[^`]+)`$|^```\w+\n(?<text>.*?)^```$",
        RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex HeadingOrBlock();

    /// <summary>A new file, or one edit of an existing file.</summary>
    internal sealed record Change(string Path, bool IsNew, string Text)
    {
        public void ApplyTo(string file)
        {
            if (IsNew)
            {
                Assert.False(File.Exists(file), $"{Path} exists already");
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
                File.WriteAllText(file, Text);
                return;
            }

            var (before, after) = (Lines('+'), Lines('-'));
            var text = File.ReadAllText(file);
            Assert.Equal(2, text.Split(before).Length);
            File.WriteAllText(file, text.Replace(before, after, StringComparison.Ordinal));
        }

        // The lines of the edit without those that begin with the sign.
        private string Lines(char without) => string.Concat(
            Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != without)
                .Select(line => line[1..] + "\n"));
    }
}
