using Vigia.Core.Staff;
using Vigia.Core.Tenants;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Browser;

/// <summary>A portal with somebody in each role, a client that the limited auditor may know of, and competitors in every state.</summary>
public sealed class RolesHost(PostgresServer server) : PortalHost(server)
{
    public const string Limited = "limited";

    private readonly Dictionary<string, string> _emails = [];

    public int OwnId { get; private set; }

    public string OwnName { get; private set; } = "";

    public int RivalId { get; private set; }

    public Guid OwnOperation { get; private set; }

    public Guid RivalOperation { get; private set; }

    /// <summary>What nobody may learn who is limited to the other client.</summary>
    public IReadOnlyList<string> Secrets { get; private set; } = [];

    /// <summary>Pages with parameters, as addresses that exist.</summary>
    public IReadOnlyDictionary<string, string> Samples { get; private set; } = new Dictionary<string, string>();

    public string Email(string role) => _emails[role];

    protected override async Task FillAsync()
    {
        OwnName = PortalClients.NewName("propio");
        var (rival, trashed) = (PortalClients.NewName("competidor"), PortalClients.NewName("contrincante"));
        (OwnId, var own) = await this.RegisterAsync(OwnName);
        (RivalId, var other) = await this.RegisterAsync(rival);
        (OwnOperation, RivalOperation) = (own!.Value, other!.Value);
        await this.ReachAsync(OwnOperation, Core.Operations.OperationState.Succeeded);
        await this.ReachAsync(RivalOperation, Core.Operations.OperationState.Succeeded);
        await this.TrashedClientAsync(trashed, TenantEnvironments.Demo);
        Secrets = ["competidor", "contrincante", (await RucAsync(RivalId))!];
        foreach (var role in StaffRoles.All)
        {
            (_, _emails[role]) = await this.MemberAsync($"Persona {role}", PortalTeam.Access(role));
        }

        (_, _emails[Limited]) = await this.MemberAsync("Persona Limitada", new StaffAccess([StaffRoles.Auditor], [OwnId], null));
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
        await this.InMasterAsync(async db => ruc = (await db.Tenants.FindAsync(tenantId))!.Ruc);
        return ruc;
    }
}
