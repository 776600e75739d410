using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.MyAccount;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Tests.Browser;

/// <summary>Helpers for tests of second factors: people who have one, and the app on their telephone.</summary>
internal static class SecondFactorPages
{
    public const string Password = "Un-palo-de-escoba-44";

    /// <summary>Adds a new member of staff, so that no test locks another test's person out.</summary>
    public static async Task<StaffMember> AddStaffAsync(this PortalHost host, string name, string role)
    {
        await using var scope = host.Scope();
        var email = $"{name.Split(' ')[0].ToLowerInvariant()}-{Guid.NewGuid().ToString("n")[..8]}@vigia.example";
        return await scope.ServiceProvider.GetRequiredService<StaffAccounts>()
            .CreateAsync(name, email, Password, role, TestContext.Current.CancellationToken);
    }

    /// <summary>The member of staff as an actor for calls of services.</summary>
    public static Actor ActorOf(StaffMember member, string role) =>
        new(member.Id, member.FullName, "127.0.0.1", [role]);

    /// <summary>
    /// Enables a person's authenticator with the previous code, so that the current code is not used yet.
    /// </summary>
    public static async Task<(byte[] Secret, IReadOnlyList<string> Codes)> EnableAsync(
        this PortalHost host, StaffMember member, string role)
    {
        var secret = Totp.NewSecret();
        var before = Totp.Code(secret, (DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30) - 1);
        return (secret, await host.Services.GetRequiredService<OwnSecondFactor>()
            .EnableAsync(ActorOf(member, role), secret, before, Password, TestContext.Current.CancellationToken));
    }

    /// <summary>The code that the app shows now.</summary>
    public static string Digits(byte[] secret) => Totp.Code(secret, DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30);

    /// <summary>Reads the secret from the page, as a person would type it.</summary>
    public static async Task<byte[]> SecretOnPageAsync(this IPage page)
    {
        var (bits, held, bytes) = (0, 0, new List<byte>());
        foreach (var sign in (await page.Locator("[data-secret]").InnerTextAsync()).Where(char.IsLetterOrDigit))
        {
            (bits, held) = (((bits << 5) | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(
                sign, StringComparison.Ordinal)) & 0xfff, held + 5);
            if (held >= 8)
            {
                held -= 8;
                bytes.Add((byte)(bits >> held));
            }
        }

        return [.. bytes];
    }

    /// <summary>Types e-mail and password and submits them.</summary>
    public static async Task TypePasswordAsync(this IPage page, string email, string password = Password)
    {
        await page.Locator("#email").FillAsync(email);
        await page.Locator("#password").FillAsync(password);
        await page.Locator("button.primary").ClickAsync();
    }

    /// <summary>Types a code and submits it.</summary>
    public static async Task TypeCodeAsync(this IPage page, string code)
    {
        await page.Locator("#code").FillAsync(code);
        await page.Locator("button.primary").ClickAsync();
    }
}
