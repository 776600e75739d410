using System.Text;
using Vigia.Core.Foundation.Text;

namespace Vigia.Tests.Foundation.Text;

/// <summary>The beginning of a text is a text that can be stored.</summary>
public sealed class SafeTextTests
{
    [Theory]
    [InlineData("ab", 3, "ab")]
    [InlineData("abc", 3, "abc")]
    [InlineData("abcd", 3, "abc")]
    [InlineData("ab\ud83d\ude00", 3, "ab")]
    [InlineData("ab\ud83d\ude00", 4, "ab\ud83d\ude00")]
    [InlineData("a\ud83d\ude00b", 3, "a\ud83d\ude00")]
    [InlineData("", 3, "")]
    public void Cut_AtAnyPlace_LeavesNoHalfCharacter(string text, int longest, string expected)
    {
        var cut = SafeText.Cut(text, longest);

        Assert.Equal(expected, cut);
        new UTF8Encoding(false, throwOnInvalidBytes: true).GetByteCount(cut);
    }
}
