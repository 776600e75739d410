using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.Team;

/// <summary>
/// Records that a member of staff held a role. A trigger writes it with every change of the memberships, whatever makes
/// the change.
/// </summary>
public sealed class RoleGrant
{
    public long Id { get; init; }
    public Guid StaffId { get; init; }
    public required string Role { get; init; }
    public DateTimeOffset From { get; init; }

    /// <summary>Null while the member holds it.</summary>
    public DateTimeOffset? Until { get; init; }
}

/// <summary>
/// Records that a role included a right. The rights of a role change with releases, and the history must use those of
/// its time.
/// </summary>
public sealed class RoleRight
{
    public long Id { get; init; }
    public required string Role { get; init; }
    public required string Right { get; init; }
    public DateTimeOffset From { get; init; }

    /// <summary>Null while the role includes it.</summary>
    public DateTimeOffset? Until { get; set; }
}

/// <summary>A right that a person held at some moment, and the role that gave it.</summary>
public sealed record HeldRight(Guid StaffId, string FullName, string Email, string Role, string Right);

/// <summary>Knows who held which right at any moment of the past.</summary>
public sealed class RightsHistory(
    IDbContextFactory<MasterContext> contexts, AuditTrail audit, TimeProvider time, OneAtATime heavy)
{
    /// <summary>Lists every right that was held at <paramref name="at"/>, by name, role and right.</summary>
    public async Task<IReadOnlyList<HeldRight>> HeldAtAsync(
        Actor actor, DateTimeOffset at, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await (from grant in db.Set<RoleGrant>()
                      where grant.From <= at && (grant.Until == null || grant.Until > at)
                      join right in db.Set<RoleRight>() on grant.Role equals right.Role
                      where right.From <= at && (right.Until == null || right.Until > at)
                      join member in db.Users on grant.StaffId equals member.Id
                      // A grant that has ended has the moment in Until. A grant without it may still be over, because
                      // the member's access has ended.
                      where grant.Until != null || member.AccessEndsAt == null || member.AccessEndsAt > at
                      orderby EF.Functions.Collate(member.FullName, MasterContext.Collation), grant.Role, right.Right
                      select new HeldRight(member.Id, member.FullName, member.Email!, grant.Role, right.Right))
                          .ToListAsync(cancellationToken);
    }

    /// <summary>Returns the same list for an export, which the audit trail records.</summary>
    /// <exception cref="AlreadyRunningException">The person has an export running. Nothing was recorded.</exception>
    public async Task<IReadOnlyList<HeldRight>> ExportAtAsync(
        Actor actor, DateTimeOffset at, CancellationToken cancellationToken)
    {
        using var turn = heavy.Begin(actor.Id, HeavyCall.Export);
        var held = await HeldAtAsync(actor, at, cancellationToken);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await audit.CommitAsync(db, actor, new AuditEntry("staff.rights_exported")
        {
            After = new Dictionary<string, object?> { ["at"] = at, ["rows"] = held.Count },
        }, cancellationToken);
        return held;
    }

    /// <summary>Stores the rights of the roles in this build if they differ from the stored ones.</summary>
    internal async Task RecordAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync(
            $"LOCK TABLE portal.role_rights IN SHARE ROW EXCLUSIVE MODE", cancellationToken);
        var now = time.GetUtcNow();
        var meant = Rights.ByRole.SelectMany(role => role.Value.Select(right => (Role: role.Key, Right: right)))
            .ToHashSet();
        foreach (var row in await db.Set<RoleRight>().Where(r => r.Until == null).ToListAsync(cancellationToken))
        {
            if (!meant.Remove((row.Role, row.Right)))
            {
                row.Until = now;
            }
        }

        db.Set<RoleRight>().AddRange(
            meant.Select(pair => new RoleRight { Role = pair.Role, Right = pair.Right, From = now }));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }
}
