using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.ServiceAccounts;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Core.Staff.Team;

/// <summary>
/// Changes a member of staff: their name, their access, and whether they may sign in. Each change is one transaction
/// with its audit record.
/// </summary>
// More than five dependencies: an owner who leaves is told to those who still answer for their service accounts.
public sealed class StaffChanges(
    IDbContextFactory<MasterContext> contexts, StaffRequests requests, Reauthentication reauthentication,
    AuditTrail audit, ServiceAccountMails mails, TimeProvider time)
{
    /// <summary>
    /// Corrects a name. Earlier audit records keep the earlier name. The new name must be unique. People can't rename
    /// themselves. <paramref name="proof"/> is for <see cref="StaffSigned.Rename"/> (see
    /// <see cref="Reauthentication"/>).
    /// </summary>
    /// <exception cref="RuleException">
    /// <c>staff_unknown</c>, <c>staff_own_account</c>; or a refusal by <see cref="Reauthentication"/>.
    /// </exception>
    /// <exception cref="InvalidInputException"><c>full_name</c>.</exception>
    public async Task RenameAsync(
        Actor actor, Guid id, string fullName, string? proof, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffManage);
        TeamLock.RefuseOwnAccount(actor, id);
        var name = StaffNames.Demand(fullName);
        await SignAsync(actor, id, StaffSigned.Rename(id, name), proof, async (db, _, _) =>
        {
            if (await StaffNames.FindConflictAsync(db, name, id, cancellationToken) is { } taken)
            {
                throw new InvalidInputException("full_name", taken);
            }
        }, (_, member, _) =>
        {
            if (member.FullName == name)
            {
                return Task.FromResult<AuditEntry?>(null);
            }

            var before = new Dictionary<string, object?> { ["full_name"] = member.FullName };
            member.FullName = name;
            StaffStamps.Touch(member);
            var entry = StaffRecord.Change(
                "staff.renamed", member, before, new Dictionary<string, object?> { ["full_name"] = name });
            return Task.FromResult<AuditEntry?>(entry with { SignatureMeaning = "sign_staff_rename" });
        }, cancellationToken);
    }

    /// <summary>
    /// Changes roles, tenant scope and last day. Open sessions end, so that nobody continues with their earlier access;
    /// API tokens use the current roles on every call. Making a member an administrator needs a second person, see
    /// <see cref="StaffRequests"/>. People can't change their own access. <paramref name="proof"/> is for
    /// <see cref="StaffSigned.Access"/> (see <see cref="Reauthentication"/>).
    /// </summary>
    /// <exception cref="RuleException">
    /// <c>staff_unknown</c>, <c>staff_own_account</c>, <c>staff_disabled</c>, <c>staff_last_administrator</c>; or a
    /// refusal by <see cref="StaffRequests"/>.
    /// </exception>
    /// <exception cref="InvalidInputException"><c>roles</c>, <c>tenant_ids</c>, <c>access_ends_on</c>.</exception>
    public Task<StaffOutcome> ChangeAccessAsync(
        Actor actor, Guid id, StaffAccess access, string? proof, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffManage);
        TeamLock.RefuseOwnAccount(actor, id);
        return CarryOutAccessAsync(actor, StaffRequestKind.Access, id, access, proof, cancellationToken);
    }

    /// <summary>
    /// Disables a member: ends roles, sessions, API tokens and links. Their operations still run to the end, and their
    /// requests still wait for a decision. People can't disable themselves. <paramref name="proof"/> is for
    /// <see cref="StaffSigned.Disable"/> (see <see cref="Reauthentication"/>).
    /// </summary>
    /// <exception cref="RuleException">
    /// <c>staff_unknown</c>, <c>staff_own_account</c>, <c>staff_disabled</c>, <c>staff_last_administrator</c>.
    /// </exception>
    /// <exception cref="InvalidInputException"><c>reason</c>.</exception>
    public async Task DisableAsync(
        Actor actor, Guid id, string reason, string? proof, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffManage);
        TeamLock.RefuseOwnAccount(actor, id);
        TenantRules.DemandReason(reason);
        await SignAsync(actor, id, StaffSigned.Disable(id, reason), proof, async (db, member, now) =>
        {
            if (member.DisabledAt is not null)
            {
                throw new RuleException("staff_disabled");
            }

            await TeamLock.DemandAnotherAdministratorAsync(db, member, now, cancellationToken);
        }, async (db, member, now) =>
        {
            var entry = await EndAsync(db, member, "staff.disabled", now, cancellationToken);
            await mails.AddOwnerLeftAsync(db, actor, member.Id, cancellationToken);
            return entry with { Reason = reason.Trim(), SignatureMeaning = "sign_staff_disable" };
        }, cancellationToken);
    }

    /// <summary>
    /// Enables a disabled member again, with newly chosen roles. Password and second factor stay as they were. For a
    /// present or former administrator this needs a second person, see <see cref="StaffRequests"/>.
    /// <paramref name="proof"/> is for <see cref="StaffSigned.Enable"/> (see <see cref="Reauthentication"/>).
    /// </summary>
    /// <exception cref="RuleException">
    /// <c>staff_unknown</c>, <c>staff_not_disabled</c>; or a refusal by <see cref="StaffRequests"/>.
    /// </exception>
    /// <exception cref="InvalidInputException"><c>roles</c>, <c>tenant_ids</c>, <c>access_ends_on</c>.</exception>
    public Task<StaffOutcome> EnableAsync(
        Actor actor, Guid id, StaffAccess access, string? proof, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffManage);
        return CarryOutAccessAsync(actor, StaffRequestKind.Enable, id, access, proof, cancellationToken);
    }

    /// <summary>Ends all access of a member and returns the record of it.</summary>
    internal static async Task<AuditEntry> EndAsync(
        MasterContext db, StaffMember member, string action, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var roles = await StaffRoleRows.OfAsync(db, member.Id, cancellationToken);
        var ended = await StaffEndings.AllAsync(db, member, now, cancellationToken);
        return new AuditEntry(action)
        {
            Before = new Dictionary<string, object?> { ["roles"] = roles },
            After = StaffRecord.Person(
                member, new("roles", Array.Empty<string>()), new("sessions_ended", ended.Sessions),
                new("tokens_revoked", ended.Tokens)),
        };
    }

    private Task<StaffOutcome> CarryOutAccessAsync(
        Actor actor, StaffRequestKind kind, Guid id, StaffAccess access, string? proof,
        CancellationToken cancellationToken) =>
        requests.CarryOutAsync(actor, id, member => new StaffAction(kind, member, new StaffRequestContent
        {
            FullName = member!.FullName,
            Email = member.Email!,
            Roles = [.. access.Roles],
            TenantIds = access.TenantIds is { } ids ? [.. ids] : null,
            EndsOn = access.EndsOn,
        }, null), proof, cancellationToken);

    // Checks once before the lock and again under it, because the signature is proved over another connection in
    // between. When there is nothing to change, nothing is written, not even a record.
    private async Task SignAsync(
        Actor actor, Guid id, SignedAction what, string? proof, Func<MasterContext, StaffMember, DateTimeOffset,
        Task> demand,
        Func<MasterContext, StaffMember, DateTimeOffset, Task<AuditEntry?>> change, CancellationToken cancellationToken)
    {
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await demand(db, await TeamLock.ReadMemberAsync(db, id, cancellationToken), time.GetUtcNow());
        var how = await reauthentication.DemandAsync(actor, what, proof, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var (member, now) = (await TeamLock.LockMemberAsync(db, id, cancellationToken), time.GetUtcNow());
        await demand(db, member, now);
        if (await change(db, member, now) is { } entry)
        {
            await audit.CommitAsync(db, actor, entry with { SignedWith = how }, cancellationToken);
        }
    }
}
