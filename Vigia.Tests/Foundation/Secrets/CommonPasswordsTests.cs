using Vigia.Core.Foundation.Secrets;

namespace Vigia.Tests.Foundation.Secrets;

public sealed class CommonPasswordsTests
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
    [InlineData("Contraseña2026")]
    [InlineData("administrador1")]
    [InlineData("qwertyuiop")]
    [InlineData("1q2w3e4r")]
    [InlineData("changeme")]
    [InlineData("vigia2026")]
    public void Problem_GuessedFirst_IsRefused(string password) =>
        Assert.NotNull(CommonPasswords.Problem(password, "a@b.pe"));

    [Theory]
    [InlineData("Vigia-Portal-2026")]
    [InlineData("tres tristes tigres")]
    [InlineData("kX93-mmPq-71zz")]
    [InlineData("Lluvia.de.agosto.81")]
    public void Problem_NotInAnyList_IsTaken(string password) =>
        Assert.Null(CommonPasswords.Problem(password, "a@b.pe"));
}
