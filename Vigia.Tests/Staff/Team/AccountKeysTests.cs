using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Staff.MyAccount;
using Vigia.Core.Staff.Sessions;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Staff.Team;
using Vigia.Core.Staff.Tokens;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Staff.Team;

/// <summary>
/// After a change of password, second factor or sessions, the old ways into an account are closed, and the person gets
/// mail.
/// </summary>
public sealed class AccountKeysTests(PostgresServer server) : StaffTestBase(server)
{
    private const string NewPassword = "Otra-escoba-de-palo-45";

    protected override void Configure(IServiceCollection services) => services.Configure<MailOptions>(mail =>
        (mail.Host, mail.Port, mail.Security, mail.From) =
            ("127.0.0.1", MailServer.FreePort(), MailSecurity.None, "portal@vigia.test"));

    private Guid SaulId => Host.Support.StaffId!.Value;

    [Fact]
    public async Task ChangePassword_EndsShortLivedTokensAndOthersOnRequest()
    {
        await HoldAsync();

        await Host.Get<OwnPassword>().ChangeAsync(
            Host.Support, CoreHost.AdminPassword, NewPassword, null, andTokens: false, Cancellation);
        Assert.Equal(["Informes"], await WorkingAsync());
        Assert.Equal(new OtherKeys(1, 1, true), await OthersAsync());
        await Host.Get<OwnPassword>().ChangeAsync(
            Host.Support, NewPassword, CoreHost.AdminPassword, null, andTokens: true, Cancellation);

        Assert.Empty(await WorkingAsync());
        Assert.Contains(
            "\"tokens_revoked\": 1", (await RecordAsync("staff.password_changed")).After, StringComparison.Ordinal);
        Assert.Equal(2, (await MailsAsync()).Count(s => s.Contains("contraseña", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task ResetSecondFactor_EndsTokensAndCompanyAccountAndMailsThePerson()
    {
        await HoldAsync();

        await Protection.ResetSecondFactorAsync(Host.Admin, SaulId, "Perdió el teléfono", Cancellation);

        Assert.Empty(await WorkingAsync());
        Assert.Equal(new OtherKeys(0, 0, false), await OthersAsync());
        Assert.Contains(await MailsAsync(), s => s.Contains("verificación en dos pasos", StringComparison.Ordinal));
    }

    [Fact]
    public async Task EndSessions_AllOfAPerson_EndsTokensAndOneDoesNot()
    {
        await HoldAsync();
        var (session, _) = await AddHoldingsAsync(SaulId);

        Assert.Equal(
            new EndedAccess(1, 0), await Protection.EndSessionsAsync(Host.Admin, SaulId, session, Cancellation));
        Assert.NotEmpty(await WorkingAsync());
        Assert.Equal(new EndedAccess(1, 3), await Protection.EndSessionsAsync(Host.Admin, SaulId, null, Cancellation));
        Assert.Empty(await WorkingAsync());

        await HoldAsync(again: true);
        var sessions = Host.Get<StaffSessions>();
        Assert.Equal(2, await sessions.CountTokensAsync(Host.Support, Cancellation));
        Assert.Equal(
            new EndedAccess(1, 2), await sessions.EndOthersAsync(Host.Support, Guid.Empty, Cancellation));
        Assert.Empty(await WorkingAsync());
        Assert.Equal(0, await sessions.CountTokensAsync(Host.Support, Cancellation));
    }

    [Fact]
    public async Task Recover_EndsTokensAndCompanyAccountAndKeepsPasskeys()
    {
        await HoldAsync();
        await using (var db = await Host.OpenMasterAsync())
        {
            db.Add(new StaffInvitation
            {
                StaffId = SaulId, TokenHash = StaffLinks.Hash("abc"), CreatedAt = DateTimeOffset.UtcNow,
                CreatedByName = "Ana Administradora", ExpiresAt = DateTimeOffset.UtcNow.AddHours(1),
            });
            await db.SaveChangesAsync(Cancellation);
        }

        await Welcome.AcceptAsync("abc", NewPassword, "192.0.2.7", Cancellation);

        Assert.Empty(await WorkingAsync());
        Assert.Equal(new OtherKeys(0, 1, false), await OthersAsync());
        Assert.Contains(
            "\"company_accounts\": 1", (await RecordAsync("staff.recovered")).Before, StringComparison.Ordinal);
        await using (var db = await Host.OpenMasterAsync())
        {
            // Its address does not link it again.
            Assert.True(await OidcLinks.WasUnlinkedAsync(db, SaulId, Company(), Cancellation));
        }

        Assert.Contains(await MailsAsync(), s => s.Contains("contraseña", StringComparison.Ordinal));
    }

    [Fact]
    public async Task List_ShortLivedTokens_AreListedAndCanBeRevoked()
    {
        await HoldAsync();
        var tokens = Host.Get<ApiTokens>();
        var listed = await tokens.ListAsync(Host.Support, Cancellation);
        var shortOne = Assert.Single(listed, t => t.Name is null);
        Assert.Null(shortOne.Rights);

        await tokens.RevokeAsync(Host.Support, shortOne.Id, Cancellation);

        Assert.DoesNotContain(await tokens.ListAsync(Host.Support, Cancellation), t => t.Name is null);
        Assert.Equal(["Informes"], await WorkingAsync());
    }

    [Fact]
    public async Task NewCredentials_OfEachKind_AreMailedToThePerson()
    {
        var secret = Totp.NewSecret();
        await Host.Get<OwnSecondFactor>().EnableAsync(
            Host.Support, secret, Totp.Code(secret, DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30),
            CoreHost.AdminPassword, Cancellation);
        await Host.Get<OwnSecondFactor>().NewCodesAsync(Host.Support, CoreHost.AdminPassword, Cancellation);
        await Host.Get<OwnPasskeys>().AddAsync(
            Host.Support, new UserPasskeyInfo([1], [2], DateTimeOffset.UtcNow, 0, null, true, false, false, [5], [6]),
            "Mi llavero", CoreHost.AdminPassword, Cancellation);
        await Host.Get<OwnOidc>().LinkAsync(Host.Support, Company(), CoreHost.AdminPassword, Cancellation);
        await Host.Get<ApiTokens>().CreateAsync(
            Host.Support,
            new NewApiToken("Informes", [Rights.TenantsView], DateOnly.FromDateTime(DateTime.UtcNow).AddDays(3)),
            CoreHost.AdminPassword, Cancellation);
        await IssueAsync("203.0.113.9");
        await IssueAsync("203.0.113.9");

        var mails = await MailsAsync();
        foreach (var news in new[]
        {
            "autenticador", "códigos de recuperación", "«Mi llavero»", "saul@empresa.test", "«Informes»",
            "dispositivo nuevo",
        })
        {
            Assert.Single(mails, s => s.Contains(news, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("2001:db8:7:7::1", "2001:db8:7:7:aaaa::2", 1)]
    [InlineData("2001:db8:7:7::1", "2001:db8:7:8::1", 2)]
    [InlineData("192.0.2.7", "::ffff:192.0.2.7", 1)]
    [InlineData("192.0.2.7", "192.0.2.8", 2)]
    public async Task Issue_FromANewSource_MailsThePerson(string first, string second, int mails)
    {
        await IssueAsync(first);
        await IssueAsync(second);

        Assert.Equal(mails, (await MailsAsync()).Count);
    }

    private Task<OtherKeys> OthersAsync() => Host.Get<OwnPassword>().ListOthersAsync(Host.Support, Cancellation);

    [Theory]
    [InlineData("", "passkey_name")]
    [InlineData(" \u00a0 ", "passkey_name")]
    [InlineData("Llave\u200d", "text_forbidden_character")]
    [InlineData("Lla\0ve", "text_forbidden_character")]
    [InlineData("Llave{half}", "text_lone_surrogate")]
    [InlineData("1234567890123456789012345678901234567890123456789012345678901", "text_too_long")]
    public async Task Passkey_WrongName_IsRefusedBeforeTheDeviceIsAsked(string name, string code)
    {
        // The runner can't hand over half a character.
        name = name.Replace("{half}", "\ud800", StringComparison.Ordinal);
        await AssertInvalidAsync("name", code, () =>
            Host.Get<OwnPasskeys>().DemandRoomAsync(Host.Support, name, Cancellation));
        await AssertInvalidAsync("name", code, () => AddPasskeyAsync(1, name));
    }

    // The last two come at the same moment.
    [Fact]
    public async Task Passkey_TheOneAfterTheMost_IsRefusedBeforeTheDeviceIsAsked()
    {
        for (var i = 0; i < OwnPasskeys.Most - 1; i++)
        {
            await AddPasskeyAsync(i, $"Llave {i}");
        }

        var last = await Task.WhenAll(Enumerable.Range(100, 2).Select(async i =>
        {
            try
            {
                await AddPasskeyAsync(i, "La última");
                return null;
            }
            catch (RuleException refused)
            {
                return refused.Reason.Code;
            }
        }));

        Assert.Equal([null, "passkeys_many"], last.Order());
        await AssertRefusedAsync("passkeys_many", () =>
            Host.Get<OwnPasskeys>().DemandRoomAsync(Host.Support, "Otra", Cancellation));
        Assert.Equal(OwnPasskeys.Most, (await Host.Get<OwnPasskeys>().ListAsync(Host.Support, Cancellation)).Count);
    }

    private async Task AddPasskeyAsync(int id, string name)
    {
        await using var scope = Host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<OwnPasskeys>().AddAsync(
            Host.Support, new UserPasskeyInfo(
                BitConverter.GetBytes(id), [2], DateTimeOffset.UtcNow, 0, null, true, false, false, [5], [6]),
            name, CoreHost.AdminPassword, Cancellation);
    }

    // One personal token, one short-lived one, a passkey and an account of the identity provider.
    private async Task HoldAsync(bool again = false)
    {
        await AddHoldingsAsync(SaulId);
        await using var db = await Host.OpenMasterAsync();
        var now = DateTimeOffset.UtcNow;
        db.Add(new ApiToken
        {
            StaffId = SaulId, Prefix = "vgs_abc", TokenHash = Guid.NewGuid().ToByteArray(), CreatedAt = now,
            ExpiresAt = now.AddMinutes(30), LastUsedAddress = "192.0.2.1",
        });
        if (!again)
        {
            db.UserPasskeys.Add(new IdentityUserPasskey<Guid>
            {
                UserId = SaulId, CredentialId = [1, 2, 3],
                Data = new IdentityPasskeyData
                {
                    Name = "Llavero", PublicKey = [4], CreatedAt = now, AttestationObject = [5], ClientDataJson = [6],
                },
            });
            OidcLinks.Add(db, SaulId, Company());
        }

        await db.SaveChangesAsync(Cancellation);
    }

    private static OidcIdentity Company() =>
        new("https://idp.test", "saul-1", "saul@empresa.test", true);

    private async Task IssueAsync(string address)
    {
        await using var db = await Host.OpenMasterAsync();
        var saul = await db.Users.SingleAsync(s => s.Id == SaulId, Cancellation);
        var issued = await Host.Get<ApiTokenAuthentication>()
            .IssueAsync(saul, SignInMethods.PasswordAndCode, address, Cancellation);
        await Host.Get<ApiTokenAuthentication>().AuthenticateAsync(issued.Token, address, Cancellation);
    }

    private async Task<IReadOnlyList<string>> WorkingAsync()
    {
        await using var db = await Host.OpenMasterAsync();
        return await StaffTokens.Working(db, SaulId, DateTimeOffset.UtcNow).Select(t => t.Name ?? t.Prefix)
            .ToListAsync(Cancellation);
    }

    private async Task<IReadOnlyList<string>> MailsAsync()
    {
        await using var db = await Host.OpenMasterAsync();
        return await db.Set<OutboxMessage>()
            .Where(m => m.StaffId == SaulId && m.Kind == Outbox.StaffNotice && m.Recipient == "saul@vigia.test")
            .Select(m => m.Subject).ToListAsync(Cancellation);
    }
}
