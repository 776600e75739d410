using Microsoft.EntityFrameworkCore;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Text;

namespace Vigia.Core.Staff;

/// <summary>What a member of staff gets: roles, and for some the clients they are limited to and a last day.</summary>
/// <param name="Roles">At least one.</param>
/// <param name="TenantIds">The only clients they may know of; null for all. Only for who is an auditor and nothing else.</param>
/// <param name="EndsOn">The last day, as Lima counts days; null for no end. Never for an administrator: the portal must not run out of them by itself.</param>
public sealed record StaffAccess(IReadOnlyCollection<string> Roles, IReadOnlyCollection<int>? TenantIds, DateOnly? EndsOn)
{
    private const int LastYear = 2199;

    /// <summary>The moment the access ends.</summary>
    public DateTimeOffset? EndsAt => EndsOn is { } day ? LimaCalendar.EndOf(day) : null;

    /// <summary>Whether these roles may be limited to chosen clients.</summary>
    public static bool MayBeLimited(IReadOnlyCollection<string> roles) => roles.Count == 1 && roles.Contains(StaffRoles.Auditor);

    /// <summary>Whether these roles may have an end date.</summary>
    public static bool MayEnd(IReadOnlyCollection<string> roles) => roles.Count > 0 && !roles.Contains(StaffRoles.Administrator);

    /// <exception cref="InvalidInputException"><c>roles</c>, <c>tenant_ids</c>, <c>access_ends_on</c>.</exception>
    internal async Task DemandSoundAsync(MasterContext db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await ProblemAsync(db, now, cancellationToken) is (var field, { } problem))
        {
            throw new InvalidInputException(field, problem);
        }
    }

    /// <summary>Writes it to the member's rows; the caller saves. The roles' history is kept by a trigger.</summary>
    internal async Task ApplyAsync(MasterContext db, StaffMember member, CancellationToken cancellationToken)
    {
        await StaffRoleRows.SetAsync(db, member.Id, Roles, cancellationToken);
        (member.IsScoped, member.AccessEndsAt) = (TenantIds is not null, EndsAt);
        var scope = await db.StaffScopes.Where(s => s.StaffId == member.Id).ToListAsync(cancellationToken);
        var wanted = TenantIds?.Distinct().ToList() ?? [];
        db.StaffScopes.RemoveRange(scope.Where(s => !wanted.Contains(s.TenantId)));
        db.StaffScopes.AddRange(wanted.Except(scope.Select(s => s.TenantId)).Select(id => new StaffScope { StaffId = member.Id, TenantId = id }));
    }

    /// <summary>What a member has now, as the audit trail says it.</summary>
    internal static async Task<Dictionary<string, object?>> OfAsync(MasterContext db, StaffMember member, CancellationToken cancellationToken) => new()
    {
        ["roles"] = await StaffRoleRows.OfAsync(db, member.Id, cancellationToken),
        ["tenant_ids"] = member.IsScoped ? await db.StaffScopes.Where(s => s.StaffId == member.Id).Select(s => s.TenantId).Order().ToListAsync(cancellationToken) : null,
        ["access_ends_at"] = member.AccessEndsAt,
    };

    /// <summary>The first thing that is wrong, and in which field.</summary>
    internal async Task<(string Field, Message? Problem)> ProblemAsync(MasterContext db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var scope = TenantIds?.Distinct().ToList();
        return this switch
        {
            { Roles.Count: 0 } => ("roles", new Message("staff_role_required")),
            _ when Roles.Except(StaffRoles.All).Any() => ("roles", new Message("staff_role_unknown")),
            { TenantIds: not null } when !MayBeLimited(Roles) => ("tenant_ids", new Message("staff_scope_auditor_only")),
            { TenantIds.Count: 0 } => ("tenant_ids", new Message("staff_scope_empty")),
            { EndsOn: not null } when !MayEnd(Roles) => ("access_ends_on", new Message("staff_end_not_for_administrators")),
            { EndsOn.Year: > LastYear } => ("access_ends_on", new Message("staff_end_past")),
            _ when EndsAt <= now => ("access_ends_on", new Message("staff_end_past")),
            _ when scope is not null && !await AreKnownAsync(db, scope, cancellationToken) => ("tenant_ids", new Message("tenant_unknown")),
            _ => ("", null),
        };
    }

    // A client that was purged has a trail, and that may be audited too.
    private static async Task<bool> AreKnownAsync(MasterContext db, List<int> ids, CancellationToken cancellationToken)
    {
        var known = await db.Tenants.Where(t => ids.Contains(t.Id)).Select(t => t.Id)
            .Union(db.Trash.Where(t => ids.Contains(t.Id)).Select(t => t.Id))
            .Union(db.AuditEvents.Where(e => e.TenantId != null && ids.Contains(e.TenantId.Value)).Select(e => e.TenantId!.Value)).ToListAsync(cancellationToken);
        return ids.TrueForAll(known.Contains);
    }
}
