using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Vigia.Tests.Architecture;

/// <summary>
/// Code and documents avoid words that stop an English reader: free relatives as subjects, and verbs for methods that
/// nobody else uses. The files of released migrations can't change, so SQL is not read. Nor are the comments of columns
/// and docs/tenant-schema.md, which is made from them: they are in the tenants' databases.
/// </summary>
public sealed partial class PlainEnglishTests
{
    [Fact]
    public void Relative_ForAPerson_DoesNotOccur() =>
        Assert.Equal([], Find(Relative(), "*.cs", "*.razor", "*.js", "*.css", "*.sh", "*.en.resx", "*.md"));

    [Fact]
    public void Sentence_InACommentOrDocument_DoesNotBeginWithAFreeRelative() => Assert.Equal([], Find(
        (file, line) => file != "docs/tenant-schema.md" && Beginning().IsMatch(
            file.EndsWith(".md", StringComparison.Ordinal) ? line : Comment().Match(line).Value),
        "*.cs", "*.razor", "*.js", "*.css", "*.sh", "*.md"));

    [Fact]
    public void Sentence_OnAPage_DoesNotBeginWithAFreeRelative()
    {
        var texts = SourceFiles.Of("", "*.en.resx").SelectMany(file => XDocument.Load(file).Descendants("data")
            .Select(data => (File: file, Name: data.Attribute("name")!.Value, Text: data.Element("value")!.Value)))
            .ToList();

        Assert.True(texts.Count > 2_000, $"{texts.Count} texts found");
        Assert.Equal([], texts.Where(text => InText().IsMatch(text.Text))
            .Select(text => $"{SourceFiles.RelativePath(text.File)}: {text.Name}: {text.Text}"));
    }

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
    [InlineData("What" + " was there before stays.", true)]
    [InlineData("It ends. Who" + " gets nothing learns that.", true)]
    [InlineData("/// <summary>What" + " a user may do: all.</summary>", true)]
    [InlineData("- **Decision:** Which" + " one it is, is asked.", true)]
    [InlineData("What was there before? Nothing.", false)]
    [InlineData("It depends on what was there before.", false)]
    [InlineData("/// <param name=\"What\">The subject.</param>", false)]
    [InlineData("/// Uses <see cref=\"Row.What\"/>.", false)]
    public void Beginning_Text_IsFound(string text, bool expected) => Assert.Equal(expected, Beginning().IsMatch(text));

    [Theory]
    [InlineData("    // What" + " was there stays.", true)]
    [InlineData("    var action = new Action { What = 3 };", false)]
    [InlineData("    [Comment(\"Who acted.\")]", false)]
    [InlineData("    /* What" + " the bar covers. */", true)]
    [InlineData("@* What" + " the bar covers. *@", true)]
    [InlineData("cd /tmp # What" + " is there stays.", true)]
    public void Comment_Line_IsRead(string line, bool expected) =>
        Assert.Equal(expected, Beginning().IsMatch(Comment().Match(line).Value));

    [Theory]
    [InlineData("What happens", false)]
    [InlineData("What can be done:", false)]
    [InlineData("What happened?", false)]
    [InlineData("Stop. What is running goes on.", true)]
    public void InText_Text_IsFound(string text, bool expected) => Assert.Equal(expected, InText().IsMatch(text));

    [Theory]
    [InlineData("public void Tell" + "(string text)", true)]
    [InlineData("await Tell" + "Async(before);", true)]
    [InlineData("Task GoOn" + "Async<T>(T one)", true)]
    [InlineData("private bool Judge" + "Password(string text)", true)]
    [InlineData("public void Key_Twice_TellsThemApart()", false)]
    [InlineData("void Teller(int count)", false)]
    public void PrivateVerb_Text_IsFound(string text, bool expected) =>
        Assert.Equal(expected, PrivateVerb().IsMatch(text));

    private static List<string> Find(Regex words, params string[] patterns) =>
        Find((_, line) => words.IsMatch(line), patterns);

    private static List<string> Find(Func<string, string, bool> isFound, params string[] patterns)
    {
        var files = patterns.SelectMany(pattern => SourceFiles.Of("", pattern)).ToList();
        Assert.True(files.Count > 1_000, $"{files.Count} files found");
        return
        [
            .. from file in files
               let path = SourceFiles.RelativePath(file)
               from line in File.ReadLines(file).Index()
               where isFound(path, line.Item)
               select $"{path}:{line.Index + 1}: {line.Item.Trim()}",
        ];
    }

    [GeneratedRegex(@"\bwhom?ever\b", RegexOptions.IgnoreCase)]
    private static partial Regex Relative();

    // Only the first word of a sentence has a capital. Questions may begin like this. A word in quotes may be a member.
    [GeneratedRegex(@"\bWh(?:at|om?|ich)ever\b|(?<![\w""`.])(?:What|Whom?|Which)\b(?![\w""`.]|[^.?!]*\?)")]
    private static partial Regex Beginning();

    // Labels such as "What happens" may stay on pages: without a full stop, nobody takes them for half a sentence.
    [GeneratedRegex(@"(?<!\w)(?:What|Whom?|Which)(?:ever)?\b[^.?!:]*\.")]
    private static partial Regex InText();

    // From the mark that begins the comment to the end of the line. The lines of a CSS comment may have no mark.
    [GeneratedRegex(@"(?:^|\s)(?://+|/?\*|@\*|\#)\s.*$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\b(?:Tell|GoOn|Judge)(?:[A-Z]\w*)?(?:<[^>()]*>)?\(")]
    private static partial Regex PrivateVerb();
}
