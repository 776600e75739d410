using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Staff.Team;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Browser;

/// <summary>A portal whose team has people in every state.</summary>
public sealed class TeamHost(PostgresServer server) : PortalHost(server)
{
    public Guid AnaId { get; private set; }

    public Guid OlgaId { get; private set; }

    public Guid AuroraId { get; private set; }

    public Guid GoneId { get; private set; }

    /// <summary>A tenant that Aurora may see.</summary>
    public int ClientId { get; private set; }

    public IReadOnlyList<string> Paths =>
    [
        PortalUrls.Team, PortalUrls.TeamRights(null), PortalUrls.TeamRights(new DateTime(2020, 1, 1)),
        $"{PortalUrls.Team}?estado=locked", PortalUrls.TeamMember(AnaId), PortalUrls.TeamMember(OlgaId),
        $"{PortalUrls.TeamMember(OlgaId)}?seccion=sesiones", $"{PortalUrls.TeamMember(OlgaId)}?seccion=historial",
        $"{PortalUrls.TeamMember(OlgaId)}?seccion=peligro",
        PortalUrls.TeamMember(AuroraId), PortalUrls.TeamMember(GoneId),
        $"{PortalUrls.TeamMember(GoneId)}?seccion=peligro", PortalUrls.TeamMember(Guid.Empty),
    ];

    protected override async Task FillAsync()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var ana = await AdministratorAsync();
        AnaId = ana.StaffId!.Value;
        (ClientId, _) = await this.RegisterAsync(PortalTenants.NewName("auditado"), provision: false);
        (OlgaId, _) = await this.MemberAsync("Olga Huamán Ríos", PortalTeam.Access(StaffRoles.Operator));
        await this.AddHoldingsAsync(OlgaId);
        await this.AddHoldingsAsync(OlgaId);
        (AuroraId, _) = await this.MemberAsync(
            "Aurora Peralta de la Cruz",
            new StaffAccess([StaffRoles.Auditor], [ClientId], DateOnly.FromDateTime(DateTime.UtcNow).AddDays(30)));
        (GoneId, _) = await this.MemberAsync("Saúl Ñahui", PortalTeam.Access(StaffRoles.Support, StaffRoles.Auditor));
        await this.Changes().DisableAsync(ana, GoneId, "Dejó la empresa", cancellationToken);
        var (_, email) = await this.MemberAsync("Tomás Quiroga", PortalTeam.Access(StaffRoles.Support));
        await using var scope = Services.CreateAsyncScope();
        for (var i = 0; i < new StaffOptions().FailedSignInsPerAccount; i++)
        {
            await scope.ServiceProvider.GetRequiredService<StaffCredentials>().CheckAsync(
                email, "no-es", null, new SignInOrigin("192.0.2.7", null), cancellationToken);
        }

        await this.InMasterAsync(async db =>
        {
            await db.Set<SignInTry>().Where(t => t.BlockedUntil != null)
                .ExecuteUpdateAsync(
                set => set.SetProperty(t => t.BlockedUntil, DateTimeOffset.UtcNow.AddMinutes(12)), cancellationToken);
            await db.Users.Where(s => s.Id == OlgaId)
                .ExecuteUpdateAsync(
                set => set.SetProperty(s => s.TwoFactorEnabled, true)
                .SetProperty(s => s.LastSignInAt, DateTimeOffset.UtcNow.AddMinutes(-42)), cancellationToken);
        });
        await this.InvitedAsync("Zoila Tello", PortalTeam.Access(StaffRoles.Support));

        // Ana is the only administrator, so every page shows the request until its day has passed.
        await this.AskedAsync("Yolanda Adrianzén", PortalTeam.Access(StaffRoles.Administrator));
    }
}
