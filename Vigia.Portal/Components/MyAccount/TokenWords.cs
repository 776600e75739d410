using Microsoft.Extensions.Localization;
using MudBlazor;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Shared;
using Vigia.Portal.Components.Team;

namespace Vigia.Portal.Components.MyAccount;

/// <summary>Rights of a token by what they lead to, and how its state is shown.</summary>
internal static class TokenWords
{
    private static readonly TimeSpan Soon = TimeSpan.FromDays(7);

    /// <summary>The rights a token can be made for, those that only look first, those that destroy last; each group under the key of its title.</summary>
    public static readonly IReadOnlyList<(string Key, IReadOnlyList<string> Rights)> Groups =
    [
        ("TokenRightsLook", [Rights.TenantsView, Rights.TenantsExport, Rights.OperationsView, Rights.AuditView, Rights.AuditVerify]),
        ("TokenRightsChange", [
            Rights.TenantsCreate, Rights.TenantsUpdate, Rights.TenantsRucCorrect, Rights.TenantsProvision, Rights.TenantsToggle, Rights.TenantsInvite,
            Rights.TenantsInvitationReveal, Rights.TenantsDemoData, Rights.TenantsSchemaMigrate, Rights.TenantsIsolationProve, Rights.TenantsCredentialRotate, Rights.OperationsControl,
        ]),
        ("TokenRightsDelete", [Rights.TenantsDeleteSoft, Rights.TenantsDeleteHard, Rights.TenantsRestore]),
    ];

    /// <summary>The groups, with nothing in them that the person does not hold.</summary>
    public static IReadOnlyList<(string Key, IReadOnlyList<string> Rights)> GroupsOf(Actor actor) =>
        [.. Groups.Select(group => (group.Key, Rights: (IReadOnlyList<string>)[.. group.Rights.Where(actor.May)])).Where(group => group.Rights.Count > 0)];

    /// <summary>In the order of the groups.</summary>
    public static IEnumerable<string> InOrder(IEnumerable<string> rights) => Groups.SelectMany(group => group.Rights).Intersect(rights);

    /// <summary>A right in words; one that the person does not hold any more gives nothing, and says so.</summary>
    public static string Right(string right, Actor actor, IStringLocalizer<TeamText> rights, IStringLocalizer<MyAccountText> t) =>
        actor.May(right) ? TeamWords.Right(right, rights) : t["TokenRightLost", TeamWords.Right(right, rights)];

    public static (StateLook Look, string Key) State(ApiTokenView token, DateTimeOffset now) => token switch
    {
        { RevokedAt: not null } => (new(Tone.Quiet, Icons.Material.Outlined.Block, ""), "TokenRevoked"),
        _ when token.ExpiresAt <= now => (new(Tone.Quiet, Icons.Material.Outlined.EventBusy, ""), "TokenEnded"),
        _ when token.ExpiresAt - now < Soon => (new(Tone.Warning, Icons.Material.Outlined.Schedule, ""), "TokenEndsSoon"),
        _ => (new(Tone.Good, Icons.Material.Outlined.CheckCircle, ""), "TokenWorks"),
    };
}
