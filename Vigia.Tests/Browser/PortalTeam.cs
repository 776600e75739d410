using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Master;
using Vigia.Core.Staff;

namespace Vigia.Tests.Browser;

/// <summary>Puts members of staff into a portal; each signs in with <see cref="PortalHost.AdministratorPassword"/>.</summary>
internal static class PortalTeam
{
    public static StaffChanges Changes(this PortalHost host) => host.Services.GetRequiredService<StaffChanges>();

    /// <summary>Somebody with these roles who has set a password.</summary>
    public static async Task<(Guid Id, string Email)> MemberAsync(this PortalHost host, string name, StaffAccess access)
    {
        var link = await host.InvitedAsync(name, access);
        await host.Services.GetRequiredService<StaffWelcome>().AcceptAsync(link.Token, PortalHost.AdministratorPassword, null, TestContext.Current.CancellationToken);
        return (link.StaffId, link.Email);
    }

    /// <summary>Somebody who has been invited and has not come.</summary>
    public static async Task<StaffLink> InvitedAsync(this PortalHost host, string name, StaffAccess access)
    {
        var stem = string.Concat(Vigia.Core.Text.SafeText.Fold(name).Where(char.IsAsciiLetter).Take(12));
        var email = $"{PortalClients.NewName(stem)}@vigia.example";
        return await host.Services.GetRequiredService<StaffLinks>().InviteAsync(await host.AdministratorAsync(), new InviteStaff(name, email, access), TestContext.Current.CancellationToken);
    }

    public static StaffAccess Access(params string[] roles) => new(roles, null, null);

    /// <summary>Changes the master behind the portal's back.</summary>
    public static async Task InMasterAsync(this PortalHost host, Func<MasterContext, Task> act)
    {
        await using var db = await host.Services.GetRequiredService<IDbContextFactory<MasterContext>>().CreateDbContextAsync(TestContext.Current.CancellationToken);
        await act(db);
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>A sign-in elsewhere and an API token.</summary>
    public static Task AddHoldingsAsync(this PortalHost host, Guid staffId) => host.InMasterAsync(db =>
    {
        var now = DateTimeOffset.UtcNow;
        db.Add(new SignInSession
        {
            StaffId = staffId, CreatedAt = now.AddMinutes(-42), LastInputAt = now.AddMinutes(-3), Address = "190.12.40.7", Method = "password+totp",
            UserAgent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36 Edg/142.0",
        });
        db.Add(new ApiToken { StaffId = staffId, Name = "Informe mensual", Prefix = "vgt_4f2a", TokenHash = Guid.NewGuid().ToByteArray(), CreatedAt = now.AddDays(-9), ExpiresAt = now.AddDays(80), LastUsedAt = now.AddHours(-5) });
        return Task.CompletedTask;
    });
}
