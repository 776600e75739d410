using Microsoft.Extensions.Localization;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.Tokens;
using Vigia.Portal.Components.Shared;
using Vigia.Portal.Components.Team;

namespace Vigia.Portal.Components.Tokens;

/// <summary>The rights of a token grouped by their effect, and the look of its state.</summary>
internal static class TokenWords
{
    private static readonly TimeSpan Soon = TimeSpan.FromDays(7);

    /// <summary>
    /// The rights that a token can have: read-only rights first, destructive ones last. The key of a group is the key
    /// of its title.
    /// </summary>
    public static readonly IReadOnlyList<(string Key, IReadOnlyList<string> Rights)> Groups =
    [
        ("TokenRightsLook", [Rights.TenantsView, Rights.TenantsExport, Rights.OperationsView, Rights.AuditView,
            Rights.AuditVerify, Rights.TenantsDiagnose]),
        ("TokenRightsChange", [
            Rights.TenantsCreate, Rights.TenantsUpdate, Rights.TenantsRucCorrect, Rights.TenantsRename,
            Rights.TenantsConvert,
            Rights.TenantsProvision, Rights.TenantsToggle, Rights.TenantsInvite,
            Rights.TenantsDemoData, Rights.TenantsSchemaMigrate,
            Rights.TenantsIsolationProve, Rights.TenantsCredentialRotate,
            Rights.TenantsReclaim, Rights.TenantsAdopt, Rights.TenantsAdoptMany, Rights.OperationsControl,
        ]),
        ("TokenRightsDelete", [Rights.TenantsDeleteSoft, Rights.TenantsDeleteHard, Rights.TenantsRestore]),
    ];

    /// <summary>The groups with only the rights that the person holds.</summary>
    public static IReadOnlyList<(string Key, IReadOnlyList<string> Rights)> GroupsOf(Actor actor) =>
        [.. Groups.Select(group => (group.Key, Rights: (IReadOnlyList<string>)[.. group.Rights.Where(actor.May)]))
            .Where(group => group.Rights.Count > 0)];

    /// <summary>Sorts rights in the order of the groups.</summary>
    public static IEnumerable<string> InOrder(IEnumerable<string> rights) =>
        Groups.SelectMany(group => group.Rights).Intersect(rights);

    /// <summary>
    /// A right in words. A right that the person no longer holds has no effect, and the text says so.
    /// </summary>
    public static string Right(
        string right, Actor actor, IStringLocalizer<TeamText> rights, IStringLocalizer<TokenText> t) =>
        actor.May(right) ? TeamWords.Right(right, rights) : t["TokenRightLost", TeamWords.Right(right, rights)];

    public static (StateLook Look, string Key) State(ApiTokenView token, DateTimeOffset now) => token switch
    {
        { RevokedAt: not null } => (new(Tone.Quiet, Icons.Material.Outlined.Block, ""), "TokenRevoked"),
        _ when token.ExpiresAt <= now => (new(Tone.Quiet, Icons.Material.Outlined.EventBusy, ""), "TokenEnded"),
        _ when token.ExpiresAt - now < Soon =>
            (new(Tone.Warning, Icons.Material.Outlined.Schedule, ""), "TokenEndsSoon"),
        _ => (new(Tone.Good, Icons.Material.Outlined.CheckCircle, ""), "TokenWorks"),
    };
}
