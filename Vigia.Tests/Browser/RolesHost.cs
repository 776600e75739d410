using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.Team;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Browser;

/// <summary>
/// A portal with a person in each role, a tenant that the limited auditor may see, and competitors in every state.
/// </summary>
public sealed class RolesHost(PostgresServer server) : PortalHost(server)
{
    public const string Limited = "limited";

    private readonly Dictionary<string, string> _emails = [];

    public int OwnId { get; private set; }

    public string OwnName { get; private set; } = "";

    public int RivalId { get; private set; }

    public Guid OwnOperation { get; private set; }

    public Guid RivalOperation { get; private set; }

    /// <summary>Texts that the person who is limited to the other tenant must not see.</summary>
    public IReadOnlyList<string> Secrets { get; private set; } = [];

    /// <summary>Existing addresses for the pages with parameters.</summary>
    public IReadOnlyDictionary<string, string> Samples { get; private set; } = new Dictionary<string, string>();

    public string Email(string role) => _emails[role];

    protected override async Task FillAsync()
    {
        OwnName = PortalTenants.NewName("propio");
        var (rival, trashed) = (PortalTenants.NewName("competidor"), PortalTenants.NewName("contrincante"));
        (OwnId, var own) = await this.RegisterAsync(OwnName);
        (RivalId, var other) = await this.RegisterAsync(rival);
        (OwnOperation, RivalOperation) = (own!.Value, other!.Value);
        await this.ReachAsync(OwnOperation, OperationState.Succeeded);
        await this.ReachAsync(RivalOperation, OperationState.Succeeded);
        await this.TrashedTenantAsync(trashed, TenantEnvironments.Demo);
        Secrets = ["competidor", "contrincante", (await RucAsync(RivalId))!];
        foreach (var role in StaffRoles.All)
        {
            // A second administrator would be a request with a delay of one day.
            _emails[role] = role == StaffRoles.Administrator ? AdministratorEmail
                : (await this.MemberAsync($"Persona {role}", PortalTeam.Access(role))).Email;
        }

        (_, _emails[Limited]) =
            await this.MemberAsync("Persona Limitada", new StaffAccess([StaffRoles.Auditor], [OwnId], null));
        Samples = new Dictionary<string, string>
        {
            [PortalUrls.TenantRoute] = PortalUrls.Tenant(OwnId),
            [PortalUrls.OperationRoute] = PortalUrls.Operation(OwnOperation),
            [PortalUrls.TeamMemberRoute] = PortalUrls.TeamMember((await AdministratorAsync()).StaffId!.Value),
        };
    }

    private async Task<string?> RucAsync(int tenantId)
    {
        string? ruc = null;
        await this.InMasterAsync(async db => ruc = (await db.Set<Tenant>().FindAsync(tenantId))!.Ruc);
        return ruc;
    }
}
