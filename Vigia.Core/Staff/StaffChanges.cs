using Microsoft.EntityFrameworkCore;
using Vigia.Core.Audit;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Tenants;

namespace Vigia.Core.Staff;

/// <summary>Changes a member of staff: their name, what they may, whether they may come in at all. Each change is one transaction with its record.</summary>
public sealed class StaffChanges(IDbContextFactory<MasterContext> contexts, AuditTrail audit, TimeProvider time)
{
    /// <summary>Corrects a name. Records of before keep the name they were made with.</summary>
    /// <exception cref="InvalidInputException"><c>full_name</c>.</exception>
    public async Task RenameAsync(Actor actor, Guid id, string fullName, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffManage);
        var name = StaffNames.Demand(fullName);
        await ChangeAsync(actor, id, (_, member, _) =>
        {
            if (member.FullName == name)
            {
                return Task.FromResult<AuditEntry?>(null);
            }

            var before = new Dictionary<string, object?> { ["full_name"] = member.FullName };
            member.FullName = name;
            StaffEndings.Touch(member);
            return Task.FromResult<AuditEntry?>(StaffRecord.Change("staff.renamed", member, before, new Dictionary<string, object?> { ["full_name"] = name }));
        }, cancellationToken);
    }

    /// <summary>
    /// Gives other roles, other clients, another last day. Open sign-ins end, so that nobody works on with what they had; API tokens ask for the
    /// roles with every call.
    /// </summary>
    /// <exception cref="RuleException"><c>staff_unknown</c>, <c>staff_own_account</c>, <c>staff_disabled</c>, <c>staff_last_administrator</c>.</exception>
    /// <exception cref="InvalidInputException"><c>roles</c>, <c>tenant_ids</c>, <c>access_ends_on</c>.</exception>
    public async Task ChangeAccessAsync(Actor actor, Guid id, StaffAccess access, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffManage);
        StaffLock.RefuseOwn(actor, id);
        await ChangeAsync(actor, id, async (db, member, now) =>
        {
            if (IsShut(member, now))
            {
                throw new RuleException("staff_disabled");
            }

            await access.DemandSoundAsync(db, now, cancellationToken);
            if (!access.Roles.Contains(StaffRoles.Administrator))
            {
                await StaffLock.DemandAnotherAdministratorAsync(db, member, now, cancellationToken);
            }

            var entry = await GiveAsync(db, member, access, "staff.access_changed", cancellationToken);
            if (entry.Before!.Count == 0)
            {
                return null;
            }

            StaffEndings.Restamp(member);
            await StaffEndings.SessionsAsync(db, id, now, cancellationToken);
            return entry;
        }, cancellationToken);
    }

    /// <summary>
    /// Shuts the person out for good: roles, sign-ins, API tokens and links end. What they asked for goes on: operations run to their end, requests
    /// wait for somebody to decide.
    /// </summary>
    /// <exception cref="RuleException"><c>staff_unknown</c>, <c>staff_own_account</c>, <c>staff_disabled</c>, <c>staff_last_administrator</c>.</exception>
    /// <exception cref="InvalidInputException"><c>reason</c>.</exception>
    public async Task DisableAsync(Actor actor, Guid id, string reason, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffManage);
        StaffLock.RefuseOwn(actor, id);
        TenantRules.DemandReason(reason);
        await ChangeAsync(actor, id, async (db, member, now) =>
        {
            if (member.DisabledAt is not null)
            {
                throw new RuleException("staff_disabled");
            }

            await StaffLock.DemandAnotherAdministratorAsync(db, member, now, cancellationToken);
            return await EndAsync(db, member, "staff.disabled", now, cancellationToken) with { Reason = reason.Trim() };
        }, cancellationToken);
    }

    /// <summary>Lets somebody in again, with roles chosen anew. Their password and second factor are the ones they had.</summary>
    /// <exception cref="RuleException"><c>staff_unknown</c>, <c>staff_not_disabled</c>.</exception>
    /// <exception cref="InvalidInputException"><c>roles</c>, <c>tenant_ids</c>, <c>access_ends_on</c>.</exception>
    public async Task EnableAsync(Actor actor, Guid id, StaffAccess access, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffManage);
        await ChangeAsync(actor, id, async (db, member, now) =>
        {
            if (!IsShut(member, now))
            {
                throw new RuleException("staff_not_disabled");
            }

            await access.DemandSoundAsync(db, now, cancellationToken);
            if (member.DisabledAt is null)
            {
                // Over, and the recurring job has not been here: the history must show the gap.
                await StaffEndings.AllAsync(db, member, now, cancellationToken);
                await db.SaveChangesAsync(cancellationToken);
            }

            var entry = await GiveAsync(db, member, access, "staff.enabled", cancellationToken);
            member.DisabledAt = null;
            StaffEndings.Restamp(member);
            return entry;
        }, cancellationToken);
    }

    /// <summary>Ends everything, and says what was there.</summary>
    internal static async Task<AuditEntry> EndAsync(MasterContext db, StaffMember member, string action, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var roles = await StaffRoleRows.OfAsync(db, member.Id, cancellationToken);
        var ended = await StaffEndings.AllAsync(db, member, now, cancellationToken);
        return new AuditEntry(action)
        {
            Before = new Dictionary<string, object?> { ["roles"] = roles },
            After = StaffRecord.Whom(member, new("roles", Array.Empty<string>()), new("sessions_ended", ended.Sessions), new("tokens_revoked", ended.Tokens)),
        };
    }

    private static bool IsShut(StaffMember member, DateTimeOffset now) => member.DisabledAt is not null || member.AccessEndsAt <= now;

    private static async Task<AuditEntry> GiveAsync(MasterContext db, StaffMember member, StaffAccess access, string action, CancellationToken cancellationToken)
    {
        var before = await StaffAccess.OfAsync(db, member, cancellationToken);
        await access.ApplyAsync(db, member, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        return StaffRecord.Change(action, member, before, await StaffAccess.OfAsync(db, member, cancellationToken));
    }

    // Null: it is so already, and nothing is written.
    private async Task ChangeAsync(Actor actor, Guid id, Func<MasterContext, StaffMember, DateTimeOffset, Task<AuditEntry?>> change, CancellationToken cancellationToken)
    {
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var member = await StaffLock.MemberAsync(db, id, cancellationToken);
        if (await change(db, member, time.GetUtcNow()) is { } entry)
        {
            await audit.CommitAsync(db, actor, entry, cancellationToken);
        }
    }
}
