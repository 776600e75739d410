using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Audit;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Tenants;
using Vigia.Core.Text;

namespace Vigia.Core.Staff;

/// <summary>A person to invite.</summary>
public sealed record InviteStaff(string FullName, string Email, StaffAccess Access);

/// <summary>A one-time link with which a member of staff sets a password; it can't be shown again.</summary>
/// <param name="StaffId">Whose.</param>
/// <param name="FullName">Their name.</param>
/// <param name="Email">What they sign in with.</param>
/// <param name="Token">The secret of the link; only its hash is stored.</param>
/// <param name="ExpiresAt">When it stops working.</param>
public sealed record StaffLink(Guid StaffId, string FullName, string Email, string Token, DateTimeOffset ExpiresAt);

/// <summary>Invites people, and gives who forgot the password a way back. Identity's managers hold a context, so every call has a scope of its own.</summary>
public sealed class StaffLinks(IServiceScopeFactory scopes, IDbContextFactory<MasterContext> contexts, AuditTrail audit, TimeProvider time)
{
    /// <summary>How long a link works.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(72);

    /// <summary>Makes a member of staff without a password, and the link with which they set one.</summary>
    /// <exception cref="InvalidInputException"><c>full_name</c>, <c>email</c> (also when it is, or ever was, somebody's), <c>roles</c>, <c>tenant_ids</c>, <c>access_ends_on</c>.</exception>
    public async Task<StaffLink> InviteAsync(Actor actor, InviteStaff person, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffManage);
        var (name, email) = (SafeText.Clean(person.FullName), SafeText.Clean(person.Email));
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<MasterContext>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await StaffLock.TakeAsync(db, cancellationToken);
        var now = time.GetUtcNow();
        var members = scope.ServiceProvider.GetRequiredService<UserManager<StaffMember>>();
        var (field, problem) = await person.Access.ProblemAsync(db, now, cancellationToken);
        Demand([("full_name", StaffNames.Problem(name)), ("email", await EmailProblemAsync(members, email)), (field, problem)]);
        var member = new StaffMember { FullName = name!, Email = email, UserName = email, CreatedAt = now };
        if (!(await members.CreateAsync(member)).Succeeded)
        {
            // What our own check lets through and Identity does not: signs that no address of a company has.
            throw new InvalidInputException("email", new Message("correo_form"));
        }

        await person.Access.ApplyAsync(db, member, cancellationToken);
        var link = Mint(db, member, actor, now);
        await db.SaveChangesAsync(cancellationToken);
        await audit.CommitAsync(db, actor, new AuditEntry("staff.invited")
        {
            After = StaffRecord.Whom(member, [.. await StaffAccess.OfAsync(db, member, cancellationToken), new("expires_at", link.ExpiresAt)]),
        }, cancellationToken);
        return link;
    }

    /// <summary>
    /// A new link for somebody who has not used theirs, or who forgot the password: older links stop working; an old password works until the new
    /// one is set.
    /// </summary>
    /// <param name="actor">Who asks; not for themselves.</param>
    /// <param name="id">For whom.</param>
    /// <param name="reason">Required for who has a password already: it is a recovery then.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="RuleException"><c>staff_unknown</c>, <c>staff_own_account</c>, <c>staff_disabled</c>.</exception>
    /// <exception cref="InvalidInputException">A reason is needed.</exception>
    public async Task<StaffLink> RenewAsync(Actor actor, Guid id, string? reason, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffManage);
        StaffLock.RefuseOwn(actor, id);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var member = await StaffLock.MemberAsync(db, id, cancellationToken);
        var now = time.GetUtcNow();
        if (member.DisabledAt is not null || member.AccessEndsAt <= now)
        {
            throw new RuleException("staff_disabled");
        }

        var isRecovery = member.PasswordHash is not null;
        if (isRecovery || !string.IsNullOrWhiteSpace(reason))
        {
            TenantRules.DemandReason(reason);
        }

        await StaffEndings.LinksAsync(db, id, now, cancellationToken);
        var link = Mint(db, member, actor, now);
        await audit.CommitAsync(db, actor, new AuditEntry(isRecovery ? "staff.recovery_started" : "staff.invited_again")
        {
            Reason = reason?.Trim(), After = StaffRecord.Whom(member, new KeyValuePair<string, object?>("expires_at", link.ExpiresAt)),
        }, cancellationToken);
        return link;
    }

    internal static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private static StaffLink Mint(MasterContext db, StaffMember member, Actor actor, DateTimeOffset now)
    {
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var invitation = new StaffInvitation
        {
            StaffId = member.Id, TokenHash = Hash(token), CreatedAt = now, CreatedBy = actor.StaffId, CreatedByName = actor.Name, ExpiresAt = now + Lifetime,
        };
        db.StaffInvitations.Add(invitation);
        return new StaffLink(member.Id, member.FullName, member.Email!, token, invitation.ExpiresAt);
    }

    private static async Task<Message?> EmailProblemAsync(UserManager<StaffMember> members, string? email) =>
        TenantRules.Email(email) ?? (await members.FindByEmailAsync(email!) is { } holder
            ? new Message(holder.DisabledAt is null ? "staff_email_taken" : "staff_email_taken_disabled", holder.FullName)
            : null);

    // All that is wrong at once: nobody mends one field to be told of the next.
    private static void Demand(IEnumerable<(string Field, Message? Problem)> checks)
    {
        var wrong = checks.Where(check => check.Problem is not null).ToDictionary(check => check.Field, check => (IReadOnlyList<Message>)[check.Problem!]);
        if (wrong.Count > 0)
        {
            throw new InvalidInputException(wrong);
        }
    }
}
