using System.Text;
using Vigia.Core.Foundation.Text;

namespace Vigia.Tests.Foundation.Text;

/// <summary>Text from outside: which characters it may have, its forms, and its beginning.</summary>
public sealed class SafeTextTests
{
    // U+FFFE is a valid character of UTF-8 and JSON, and the framework throws when it has to normalise it.
    [Theory]
    [InlineData(0xfffe)]
    [InlineData(0xffff)]
    [InlineData(0xfdd0)]
    [InlineData(0x1fffe)]
    [InlineData(0x10ffff)]
    [InlineData(0x3164)]
    [InlineData(0x034f)]
    [InlineData(0x200d)]
    [InlineData(0x202e)]
    [InlineData(0xe0041)]
    public void Problem_WhatIsNoCharacterOrShowsNothing_IsNamed_AndNothingThrows(int value)
    {
        var text = $"\u00c1{char.ConvertFromUtf32(value)}";

        var problem = SafeText.Problem(text)!;

        Assert.Equal(("text_forbidden_character", $"U+{value:X4}"), (problem.Code, problem.Args.Single()));
        Assert.Equal(text, SafeText.Normalize(text));
        Assert.Equal(text, SafeText.Clean(text));
        Assert.NotEmpty(SafeText.Fold(text));
        Assert.NotEmpty(SafeText.SearchWords(text));
        Assert.NotEmpty(EmailAddress.Key(text));
    }

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
