using Microsoft.Extensions.Options;
using Vigia.Core.TenantSide;

namespace Vigia.Tests.TenantSide;

/// <summary>Passwords in the form that the product's back end writes and reads.</summary>
public sealed class TenantPasswordsTests
{
    private static readonly TenantPasswords Passwords =
        new(Options.Create(new TenantSideOptions { BcryptCost = 10 }));

    // Made by crypt(3) of the C library, as passlib's backends make them.
    [Theory]
    [InlineData("Contraseña-81", "$2b$12$abcdefghijklmnopqrstuupiGKy61Mpf97vjyhl46kPLaOwe6zCS.", true)]
    [InlineData("Contraseña-81", "$2b$04$abcdefghijklmnopqrstuuw1YfuM9wSsbIgV7rA249bdhJy60cXRS", true)]
    [InlineData("Contrasen\u0303a-81", "$2b$12$abcdefghijklmnopqrstuupiGKy61Mpf97vjyhl46kPLaOwe6zCS.", true)]
    [InlineData("contraseña-81", "$2b$12$abcdefghijklmnopqrstuupiGKy61Mpf97vjyhl46kPLaOwe6zCS.", false)]
    [InlineData("Contraseña-81", "$2b$31$abcdefghijklmnopqrstuupiGKy61Mpf97vjyhl46kPLaOwe6zCS.", false)]
    [InlineData("Contraseña-81", "Contraseña-81", false)]
    [InlineData("Contraseña-81", "", false)]
    [InlineData("Contraseña-81", null, false)]
    [InlineData("Contraseña-81", "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA", false)]
    public void Verify_HashOfAnotherProgram_IsUnderstood(string password, string? hash, bool expected) =>
        Assert.Equal(expected, Passwords.Verify(hash, password));

    [Fact]
    public void Hash_IsInTheFormOfPasslibAndVerifies()
    {
        var hash = Passwords.Hash("Sen\u0303as 12");

        Assert.Matches(@"^\$2b\$10\$[./A-Za-z0-9]{53}$", hash);
        Assert.True(Passwords.Verify(hash, "Señas 12"));
        Assert.NotEqual(hash, Passwords.Hash("Señas 12"));
    }

    // A password that was hashed as it was typed, as two code points.
    [Fact]
    public void Verify_HashOfWhatWasTyped_IsRight() => Assert.True(
        Passwords.Verify(BCrypt.Net.BCrypt.HashPassword("Sen\u0303as 12", 4), "Sen\u0303as 12"));

    [Theory]
    [InlineData("12345", "tenant_password_length")]
    [InlineData("123456", null)]
    [InlineData("ñañaña", null)]
    [InlineData("🙂🙂🙂🙂🙂", "tenant_password_length")]
    [InlineData("abc\u202edef", "text_forbidden_character")]
    [InlineData("abcdef\0", "text_forbidden_character")]
    public void Problem_LengthAndCharacters_AreChecked(string password, string? code) =>
        Assert.Equal(code, TenantPasswords.Problem(password)?.Code);

    [Fact]
    public void Problem_MoreThan72BytesOrNoText_IsRefused()
    {
        Assert.Equal("text_lone_surrogate", TenantPasswords.Problem("abcde\ud800")?.Code);
        Assert.Null(TenantPasswords.Problem(new string('x', 72)));
        Assert.NotNull(TenantPasswords.Problem(new string('x', 73)));
        Assert.Null(TenantPasswords.Problem(new string('ñ', 36)));
        Assert.NotNull(TenantPasswords.Problem(new string('ñ', 37)));
    }
}
