using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Core.Staff.Team;

/// <summary>The access of a member of staff: roles, and for some a tenant scope and a last day.</summary>
/// <param name="Roles">At least one.</param>
/// <param name="TenantIds">
/// The only tenants that the member may see; null for all. Only allowed for members whose single role is auditor.
/// </param>
/// <param name="EndsOn">
/// The last day in Lima's time zone; null for no end. Not allowed for administrators, so that the portal can't end up
/// without any.
/// </param>
public sealed record StaffAccess(
    IReadOnlyCollection<string> Roles, IReadOnlyCollection<int>? TenantIds, DateOnly? EndsOn)
{
    private const int LastYear = 2199;

    /// <summary>When the access ends.</summary>
    public DateTimeOffset? EndsAt => EndsOn is { } day ? LimaTime.EndOf(day) : null;

    /// <summary>Whether members with these roles may be limited to chosen tenants.</summary>
    public static bool MayBeLimited(IReadOnlyCollection<string> roles) =>
        roles.Count == 1 && roles.Contains(StaffRoles.Auditor);

    /// <summary>Whether members with these roles may have a last day.</summary>
    public static bool MayEnd(IReadOnlyCollection<string> roles) =>
        roles.Count > 0 && !roles.Contains(StaffRoles.Administrator);

    /// <exception cref="InvalidInputException"><c>roles</c>, <c>tenant_ids</c>, <c>access_ends_on</c>.</exception>
    internal async Task DemandSoundAsync(MasterContext db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await ProblemAsync(db, now, cancellationToken) is (var field, { } problem))
        {
            throw new InvalidInputException(field, problem);
        }
    }

    /// <summary>Writes the access to the member's rows; the caller saves. A trigger keeps the history of
    /// roles.</summary>
    internal async Task ApplyAsync(MasterContext db, StaffMember member, CancellationToken cancellationToken)
    {
        await StaffRoleRows.SetAsync(db, member.Id, Roles, cancellationToken);
        (member.IsScoped, member.AccessEndsAt) = (TenantIds is not null, EndsAt);
        var scope = await db.Set<StaffScope>().Where(s => s.StaffId == member.Id).ToListAsync(cancellationToken);
        var wanted = TenantIds?.Distinct().ToList() ?? [];
        db.Set<StaffScope>().RemoveRange(scope.Where(s => !wanted.Contains(s.TenantId)));
        db.Set<StaffScope>()
            .AddRange(wanted.Except(scope.Select(s => s.TenantId))
            .Select(id => new StaffScope { StaffId = member.Id, TenantId = id }));
    }

    /// <summary>The member's current access, in the form of the audit trail.</summary>
    internal static async Task<Dictionary<string, object?>> OfAsync(
        MasterContext db, StaffMember member, CancellationToken cancellationToken) => new()
        {
            ["roles"] = await StaffRoleRows.OfAsync(db, member.Id, cancellationToken),
            ["tenant_ids"] = member.IsScoped ? await db.Set<StaffScope>().Where(s => s.StaffId == member.Id)
                .Select(s => s.TenantId).Order().ToListAsync(cancellationToken) : null,
            ["access_ends_at"] = member.AccessEndsAt,
        };

    /// <summary>The first problem, and the field that has it.</summary>
    internal async Task<(string Field, Message? Problem)> ProblemAsync(
        MasterContext db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var scope = TenantIds?.Distinct().ToList();
        return this switch
        {
            { Roles.Count: 0 } => ("roles", new Message("staff_role_required")),
            _ when Roles.Except(StaffRoles.All).Any() => ("roles", new Message("staff_role_unknown")),
            { TenantIds: not null } when !MayBeLimited(Roles) =>
                ("tenant_ids", new Message("staff_scope_auditor_only")),
            { TenantIds.Count: 0 } => ("tenant_ids", new Message("staff_scope_empty")),
            { EndsOn: not null } when !MayEnd(Roles) =>
                ("access_ends_on", new Message("staff_end_not_for_administrators")),
            { EndsOn.Year: > LastYear } => ("access_ends_on", new Message("staff_end_past")),
            _ when EndsAt <= now => ("access_ends_on", new Message("staff_end_past")),
            _ when scope is not null && !await AreKnownAsync(db, scope, cancellationToken) =>
                ("tenant_ids", new Message("tenant_unknown")),
            _ => ("", null),
        };
    }

    // Purged tenants have audit records, which an auditor may have to examine.
    private static async Task<bool> AreKnownAsync(MasterContext db, List<int> ids, CancellationToken cancellationToken)
    {
        var known = await db.Set<Tenant>().Where(t => ids.Contains(t.Id)).Select(t => t.Id)
            .Union(db.Set<TrashedTenant>().Where(t => ids.Contains(t.Id)).Select(t => t.Id))
            .Union(db.Set<AuditEvent>().Where(e => e.TenantId != null && ids.Contains(e.TenantId.Value))
                .Select(e => e.TenantId!.Value)).ToListAsync(cancellationToken);
        return ids.TrueForAll(known.Contains);
    }
}
