using Microsoft.EntityFrameworkCore;
using Vigia.Core.Audit;
using Vigia.Core.Master;

namespace Vigia.Core.Staff;

/// <summary>That a member of staff held a role; a trigger writes it with every change of the memberships, whoever makes it.</summary>
public sealed class RoleGrant
{
    public long Id { get; init; }
    public Guid StaffId { get; init; }
    public required string Role { get; init; }
    public DateTimeOffset From { get; init; }

    /// <summary>Null while it is held.</summary>
    public DateTimeOffset? Until { get; init; }
}

/// <summary>That a role gave a right: what a role means changes with releases, and history has to be read by what it meant then.</summary>
public sealed class RoleRight
{
    public long Id { get; init; }
    public required string Role { get; init; }
    public required string Right { get; init; }
    public DateTimeOffset From { get; init; }

    /// <summary>Null while it does.</summary>
    public DateTimeOffset? Until { get; set; }
}

/// <summary>A right that a person held at some moment, and through which role.</summary>
public sealed record HeldRight(Guid StaffId, string FullName, string Email, string Role, string Right);

/// <summary>Who held which right at any moment of the past.</summary>
public sealed class RightsHistory(IDbContextFactory<MasterContext> contexts, AuditTrail audit, TimeProvider time)
{
    /// <summary>Every right that was held at <paramref name="at"/>, by name, role and right.</summary>
    public async Task<IReadOnlyList<HeldRight>> HeldAtAsync(Actor actor, DateTimeOffset at, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await (from grant in db.RoleGrants
                      where grant.From <= at && (grant.Until == null || grant.Until > at)
                      join right in db.RoleRights on grant.Role equals right.Role
                      where right.From <= at && (right.Until == null || right.Until > at)
                      join member in db.Users on grant.StaffId equals member.Id
                      // What has been taken away says itself until when it was held; what has not may be over all the same.
                      where grant.Until != null || member.AccessEndsAt == null || member.AccessEndsAt > at
                      orderby EF.Functions.Collate(member.FullName, Tenants.TenantSearch.Collation), grant.Role, right.Right
                      select new HeldRight(member.Id, member.FullName, member.Email!, grant.Role, right.Right)).ToListAsync(cancellationToken);
    }

    /// <summary>The same to be taken away as a file, which the trail records.</summary>
    public async Task<IReadOnlyList<HeldRight>> ExportAtAsync(Actor actor, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var held = await HeldAtAsync(actor, at, cancellationToken);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await audit.CommitAsync(db, actor, new AuditEntry("staff.rights_exported")
        {
            After = new Dictionary<string, object?> { ["at"] = at, ["rows"] = held.Count },
        }, cancellationToken);
        return held;
    }

    /// <summary>Writes down what the roles mean in this build, where that differs from what was written last.</summary>
    internal async Task RecordAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"LOCK TABLE portal.role_rights IN SHARE ROW EXCLUSIVE MODE", cancellationToken);
        var now = time.GetUtcNow();
        var meant = Rights.ByRole.SelectMany(role => role.Value.Select(right => (Role: role.Key, Right: right))).ToHashSet();
        foreach (var row in await db.RoleRights.Where(r => r.Until == null).ToListAsync(cancellationToken))
        {
            if (!meant.Remove((row.Role, row.Right)))
            {
                row.Until = now;
            }
        }

        db.RoleRights.AddRange(meant.Select(pair => new RoleRight { Role = pair.Role, Right = pair.Right, From = now }));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }
}
