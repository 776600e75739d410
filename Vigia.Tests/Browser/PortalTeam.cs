using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Staff.Team;
using Vigia.Core.Staff.Tokens;

namespace Vigia.Tests.Browser;

/// <summary>
/// Adds members of staff to a portal. Each signs in with <see cref="PortalHost.AdministratorPassword"/>.
/// </summary>
internal static class PortalTeam
{
    // Signs with the password that all members of these portals share, except those of SecondFactorPages.
    public static Task<StaffOutcome> ChangeAccessAsync(
        this StaffChanges changes, Actor actor, Guid id, StaffAccess access, CancellationToken cancellationToken) =>
        changes.ChangeAccessAsync(actor, id, access, PortalHost.AdministratorPassword, cancellationToken);

    public static Task RenameAsync(
        this StaffChanges changes, Actor actor, Guid id, string fullName, CancellationToken cancellationToken) =>
        changes.RenameAsync(actor, id, fullName, PortalHost.AdministratorPassword, cancellationToken);

    public static Task DisableAsync(
        this StaffChanges changes, Actor actor, Guid id, string reason, CancellationToken cancellationToken) =>
        changes.DisableAsync(actor, id, reason, PortalHost.AdministratorPassword, cancellationToken);

    public static Task<StaffOutcome> ResetSecondFactorAsync(
        this StaffProtection protection, Actor actor, Guid id, string reason, CancellationToken cancellationToken) =>
        protection.ResetSecondFactorAsync(actor, id, reason, PortalHost.AdministratorPassword, cancellationToken);

    public static StaffChanges Changes(this PortalHost host) => host.Services.GetRequiredService<StaffChanges>();

    /// <summary>Adds a person with these roles who has set a password.</summary>
    public static async Task<(Guid Id, string Email)> MemberAsync(this PortalHost host, string name, StaffAccess access)
    {
        var link = await host.InvitedAsync(name, access);
        await host.Services.GetRequiredService<StaffWelcome>()
            .AcceptAsync(link.Token, PortalHost.AdministratorPassword, null, TestContext.Current.CancellationToken);
        return (link.StaffId, link.Email);
    }

    /// <summary>Adds a person who is invited and has not used the link.</summary>
    public static async Task<StaffLink> InvitedAsync(this PortalHost host, string name, StaffAccess access) =>
        (await host.AskedAsync(name, access)).Link!;

    /// <summary>Invites a person. The invitation of an administrator is a request.</summary>
    public static async Task<StaffOutcome> AskedAsync(this PortalHost host, string name, StaffAccess access)
    {
        var stem = string.Concat(SafeText.Fold(name).Where(char.IsAsciiLetter).Take(12));
        var email = $"{PortalTenants.NewName(stem)}@vigia.example";
        return await host.Services.GetRequiredService<StaffLinks>()
            .InviteAsync(await host.AdministratorAsync(), new InviteStaff(name, email, access),
            PortalHost.AdministratorPassword, TestContext.Current.CancellationToken);
    }

    public static StaffAccess Access(params string[] roles) => new(roles, null, null);

    /// <summary>Changes the master directly, bypassing the portal.</summary>
    public static async Task InMasterAsync(this PortalHost host, Func<MasterContext, Task> act)
    {
        await using var db = await host.Services.GetRequiredService<IDbContextFactory<MasterContext>>()
            .CreateDbContextAsync(TestContext.Current.CancellationToken);
        await act(db);
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Adds a session in another browser and an API token.</summary>
    public static Task AddHoldingsAsync(this PortalHost host, Guid staffId) => host.InMasterAsync(db =>
    {
        var now = DateTimeOffset.UtcNow;
        db.Add(new SignInSession
        {
            StaffId = staffId, CreatedAt = now.AddMinutes(-42), LastInputAt = now.AddMinutes(-3),
            Address = "190.12.40.7", Method = "password+totp",
            UserAgent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
                + "Chrome/142.0 Safari/537.36 Edg/142.0",
        });
        db.Add(new ApiToken
        {
            StaffId = staffId, Name = "Informe mensual", Prefix = "vgt_4f2a",
            TokenHash = Guid.NewGuid().ToByteArray(), CreatedAt = now.AddDays(-9), ExpiresAt = now.AddDays(80),
            LastUsedAt = now.AddHours(-5)
        });
        return Task.CompletedTask;
    });
}
