using System.Text;
using Vigia.Core.Foundation.Secrets;

namespace Vigia.Tests.Foundation.Secrets;

public sealed class GuessablePasswordsTests
{
    [Theory]
    [InlineData("12345678")]
    [InlineData("87654321")]
    [InlineData("1234567890")]
    [InlineData("aaaaaaaa")]
    [InlineData("abcabcabc")]
    [InlineData("abcdefgh")]
    [InlineData("password")]
    [InlineData("Password123!")]
    [InlineData("p4$$w0rd")]
    [InlineData("Contrase\u00f1a2026")]
    [InlineData("administrador1")]
    [InlineData("qwertyuiop")]
    [InlineData("1q2w3e4r")]
    [InlineData("changeme")]
    [InlineData("vigia2026")]
    [InlineData("Vigia-2026")]
    [InlineData("Farmacovigilancia1")]
    [InlineData("quispe1985")]
    [InlineData("rosaura.quispe")]
    [InlineData("Rosaura2026!")]
    [InlineData("Laboratorios-1")]
    public void Problem_GuessedSoon_IsRefused(string password) =>
        Assert.NotNull(GuessablePasswords.Problem(password, "rosaura.quispe@laboratorios.pe", "Rosaura Quispe"));

    [Theory]
    [InlineData("tres tristes tigres")]
    [InlineData("kX93-mmPq-71zz")]
    [InlineData("Lluvia.de.agosto.81")]
    [InlineData("caballo correcto bater\u00eda grapa")]
    public void Problem_HardToGuess_IsTaken(string password) =>
        Assert.Null(GuessablePasswords.Problem(password, "rosaura.quispe@laboratorios.pe", "Rosaura Quispe"));

    [Fact]
    public void Problem_Decomposed_IsJudgedLikeComposed() => Assert.Equal(
        GuessablePasswords.Problem("Contrase\u00f1a2026"),
        GuessablePasswords.Problem("Contrase\u00f1a2026".Normalize(NormalizationForm.FormD)));

    [Fact]
    public void Problem_VeryLong_IsJudgedQuickly()
    {
        var started = TimeProvider.System.GetTimestamp();
        Assert.Null(GuessablePasswords.Problem(
            string.Concat(Enumerable.Range(0, 64).Select(i => $"{i * 7919 % 997:x3}-"))));
        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(5));
    }
}
