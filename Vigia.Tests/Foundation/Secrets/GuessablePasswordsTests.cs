using System.Text;
using Vigia.Core.Foundation.Secrets;

namespace Vigia.Tests.Foundation.Secrets;

public sealed class GuessablePasswordsTests
{
    public static TheoryData<string> GuessedSoon =>
    [
        "12345678", "87654321", "1234567890", "aaaaaaaa", "abcabcabc", "abcdefgh", "password", "Password123!",
        "p4$$w0rd", "Contrase\u00f1a2026", "administrador1", "qwertyuiop", "1q2w3e4r", "changeme", "vigia2026",
        "Vigia-2026", "Farmacovigilancia1", "quispe1985", "rosaura.quispe", "Rosaura2026!", "Laboratorios-1",
    ];

    [Theory]
    [MemberData(nameof(GuessedSoon))]
    public void Problem_GuessablePassword_IsRefused(string password) => Assert.NotNull(ProblemOf(password));

    // The hash is made of the NFKC form, in which these are ordinary letters.
    [Theory]
    [MemberData(nameof(GuessedSoon))]
    public void Problem_GuessableInFullWidthLetters_IsRefused(string password) => Assert.NotNull(
        ProblemOf(string.Concat(password.Select(c => char.IsAscii(c) ? (char)(c + 0xfee0) : c))));

    [Theory]
    [InlineData("\U0001d429\U0001d41a\U0001d42c\U0001d42c\U0001d430\U0001d428\U0001d42b\U0001d41d123")]
    [InlineData("\u24df\u24d0\u24e2\u24e2\u24e6\u24de\u24e1\u24d3")]
    public void Problem_GuessableInMathematicalOrCircledLetters_IsRefused(string password) =>
        Assert.NotNull(ProblemOf(password));

    [Theory]
    [InlineData("Nahuinlla2026!")]
    [InlineData("\u00d1ahuinlla2026!")]
    [InlineData("Huamani.Nahuinlla")]
    [InlineData("Huaman\u00ed.Nahuinlla")]
    [InlineData("H\u00faamani.\u00d1ahu\u00efnlla")]
    [InlineData("Oto\u00f1o-2026")]
    [InlineData("Otono-2026")]
    [InlineData("F\u00fatbol-2026")]
    [InlineData("\uff2e\uff41\uff48\uff55\uff49\uff4e\uff4c\uff4c\uff41\uff12\uff10\uff12\uff16\uff01")]
    public void Problem_OwnWordsWithOrWithoutTheirAccents_IsRefused(string password) =>
        Assert.NotNull(GuessablePasswords.Problem(
            password, "angel@vigia.pe", "\u00c1ngel Huaman\u00ed \u00d1ahuinlla"));

    [Theory]
    [InlineData("tres tristes tigres")]
    [InlineData("kX93-mmPq-71zz")]
    [InlineData("Lluvia.de.agosto.81")]
    [InlineData("caballo correcto bater\u00eda grapa")]
    [InlineData("caballo correcto \ud83d\udc34 bater\u00eda \ud83d\udc34")]
    [InlineData("kX93-mmPq-71zz\ud800\u00e9")]
    public void Problem_HardToGuess_IsAccepted(string password) => Assert.Null(ProblemOf(password));

    [Fact]
    public void Problem_DecomposedText_EqualsComposedText() => Assert.Equal(
        GuessablePasswords.Problem("Contrase\u00f1a2026"),
        GuessablePasswords.Problem("Contrase\u00f1a2026".Normalize(NormalizationForm.FormD)));

    [Fact]
    public void Problem_VeryLong_IsCheckedQuickly()
    {
        var started = TimeProvider.System.GetTimestamp();
        Assert.Null(GuessablePasswords.Problem(
            string.Concat(Enumerable.Range(0, 64).Select(i => $"{i * 7919 % 997:x3}-"))));
        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(5));
    }

    private static string? ProblemOf(string password) =>
        GuessablePasswords.Problem(password, "rosaura.quispe@laboratorios.pe", "Rosaura Quispe");
}
