using System.Text.RegularExpressions;

namespace Vigia.Tests.Architecture;

/// <summary>
/// Code and documents avoid words that stop an English reader: free relatives as subjects, and verbs for methods that
/// nobody else uses. The files of released migrations can't change, so SQL is not read.
/// </summary>
public sealed partial class PlainEnglishTests
{
    [Fact]
    public void Relative_ForAPerson_DoesNotOccur() =>
        Assert.Equal([], Find(Relative(), "*.cs", "*.razor", "*.js", "*.css", "*.sh", "*.en.resx", "*.md"));

    [Fact]
    public void Sentence_InACommentOrDocument_DoesNotBeginWithAFreeRelative() =>
        Assert.Equal([], Find(Beginning(), "*.cs", "*.razor", "*.js", "*.css", "*.sh", "*.md"));

    [Fact]
    public void Method_HasNoPrivateVerb() => Assert.Equal([], Find(PrivateVerb(), "*.cs", "*.razor"));

    [Theory]
    [InlineData("a change, who" + "ever made it", true)]
    [InlineData("passwords, of whom" + "ever", true)]
    [InlineData("the person who ever made it", false)]
    public void Relative_Text_IsFound(string text, bool expected) => Assert.Equal(expected, Relative().IsMatch(text));

    [Theory]
    [InlineData("It ends. What" + "ever happens, it ends.", true)]
    [InlineData("// Which" + "ever comes first.", true)]
    [InlineData("It is refused, whatever the proof.", false)]
    public void Beginning_Text_IsFound(string text, bool expected) => Assert.Equal(expected, Beginning().IsMatch(text));

    [Theory]
    [InlineData("public void Tell" + "(string text)", true)]
    [InlineData("await Tell" + "Async(before);", true)]
    [InlineData("Task GoOn" + "Async<T>(T one)", true)]
    [InlineData("private bool Judge" + "Password(string text)", true)]
    [InlineData("public void Key_Twice_TellsThemApart()", false)]
    [InlineData("void Teller(int count)", false)]
    public void PrivateVerb_Text_IsFound(string text, bool expected) =>
        Assert.Equal(expected, PrivateVerb().IsMatch(text));

    private static List<string> Find(Regex words, params string[] patterns)
    {
        var files = patterns.SelectMany(pattern => SourceFiles.Of("", pattern)).ToList();
        Assert.True(files.Count > 1_000, $"{files.Count} files found");
        return
        [
            .. files.SelectMany(file => File.ReadLines(file).Index().Where(line => words.IsMatch(line.Item))
                .Select(line => $"{SourceFiles.RelativePath(file)}:{line.Index + 1}: {line.Item.Trim()}")),
        ];
    }

    [GeneratedRegex(@"\bwhom?ever\b", RegexOptions.IgnoreCase)]
    private static partial Regex Relative();

    // Only the first word of a sentence has a capital.
    [GeneratedRegex(@"\bWh(?:at|om?|ich)ever\b")]
    private static partial Regex Beginning();

    [GeneratedRegex(@"\b(?:Tell|GoOn|Judge)(?:[A-Z]\w*)?(?:<[^>()]*>)?\(")]
    private static partial Regex PrivateVerb();
}
