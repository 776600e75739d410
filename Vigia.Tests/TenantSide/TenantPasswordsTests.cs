using Microsoft.Extensions.Options;
using Vigia.Core.TenantSide;

namespace Vigia.Tests.TenantSide;

/// <summary>Passwords in the form that the product's back end writes and reads.</summary>
public sealed class TenantPasswordsTests
{
    private static readonly TenantPasswords Passwords =
        new(Options.Create(new TenantSideOptions { BcryptCost = 10 }));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

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
    public async Task Verify_HashOfAnotherProgram_IsUnderstood(string password, string? hash, bool expected) =>
        Assert.Equal(expected, await Passwords.VerifyAsync(hash, password, Cancellation));

    [Fact]
    public async Task Hash_IsInTheFormOfPasslibAndVerifies()
    {
        var hash = await Passwords.HashAsync("Sen\u0303as 12", Cancellation);

        Assert.Matches(@"^\$2b\$10\$[./A-Za-z0-9]{53}$", hash);
        Assert.True(await Passwords.VerifyAsync(hash, "Señas 12", Cancellation));
        Assert.NotEqual(hash, await Passwords.HashAsync("Señas 12", Cancellation));
    }

    // A password that was hashed as it was typed, as two code points.
    [Fact]
    public async Task Verify_HashOfDecomposedLetters_Succeeds() => Assert.True(await Passwords.VerifyAsync(
        BCrypt.Net.BCrypt.HashPassword("Sen\u0303as 12", 4), "Sen\u0303as 12", Cancellation));

    /// <summary>The others wait, so that a flood of sign-ins leaves threads for everything else.</summary>
    [Fact]
    public async Task Verify_ManyAtOnce_RunsOneForEachProcessor()
    {
        var (running, most) = (0, 0);
        using var release = new ManualResetEventSlim();
        var gate = new Lock();
        var passwords = new TenantPasswords(Options.Create(new TenantSideOptions { BcryptCost = 10 }))
        {
            Checking = _ =>
            {
                var now = Interlocked.Increment(ref running);
                lock (gate)
                {
                    most = Math.Max(most, now);
                }

                release.Wait(Cancellation);
                Interlocked.Decrement(ref running);
            },
        };

        var all = Enumerable.Range(0, Environment.ProcessorCount + 3).Select(_ => Task.Factory.StartNew(
            () => passwords.VerifyAsync(null, "una frase", Cancellation), Cancellation,
            TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap()).ToList();
        await Infrastructure.Eventually.HoldsAsync("every processor works",
            () => Task.FromResult(Volatile.Read(ref running) == Environment.ProcessorCount), Cancellation);
        release.Set();

        Assert.All(await Task.WhenAll(all), Assert.False);
        Assert.Equal(Environment.ProcessorCount, most);
    }

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
