using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Staff.Tokens;

namespace Vigia.Core.Staff.Team;

/// <summary>
/// The actions on the access of staff, inside a transaction that holds <see cref="TeamLock"/>. The caller demands
/// right, signature and second person. This class checks whether the action is still allowed, because hours may pass
/// between request and action. Scoped: Identity's manager holds the context.
/// </summary>
internal sealed class StaffActions(
    MasterContext db, UserManager<StaffMember> members, StaffMails mails, AccountMails accountMails,
    TimeProvider time)
{
    // Identity's provider name for the authenticator's key and the recovery codes.
    private const string IdentityStore = "[AspNetUserStore]";

    public MasterContext Db => db;

    /// <summary>Refuses an action that is not possible, before anybody is asked to sign it.</summary>
    /// <exception cref="InvalidInputException">The person can correct it in the form.</exception>
    /// <exception cref="RuleException">
    /// <c>staff_disabled</c>, <c>staff_not_disabled</c>, <c>staff_last_administrator</c>,
    /// <c>staff_no_second_factor</c>.
    /// </exception>
    public async Task DemandSoundAsync(StaffAction action, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        switch (action)
        {
            case { Kind: StaffRequestKind.Invite }:
                await DemandInvitableAsync(action.Content, now, cancellationToken);
                break;
            case { Kind: StaffRequestKind.Enable, Member: { } member }:
                Refuse(!IsBlocked(member, now), "staff_not_disabled");
                await action.Content.Access.DemandSoundAsync(db, now, cancellationToken);
                break;
            case { Kind: StaffRequestKind.Access, Member: { } member }:
                Refuse(IsBlocked(member, now), "staff_disabled");
                await action.Content.Access.DemandSoundAsync(db, now, cancellationToken);
                if (!action.Content.Access.Roles.Contains(StaffRoles.Administrator))
                {
                    await TeamLock.DemandAnotherAdministratorAsync(db, member, now, cancellationToken);
                }

                break;
            case { Kind: StaffRequestKind.Link, Member: { } member }:
                Refuse(IsBlocked(member, now), "staff_disabled");
                break;
            case { Member: { } member }:
                Refuse(!await HasSecondFactorAsync(member, cancellationToken), "staff_no_second_factor");
                break;
        }
    }

    /// <summary>
    /// Refuses an action that would send a link by mail while the settings have no base address of this portal.
    /// </summary>
    /// <exception cref="RuleException"><c>portal_base_url_needed</c>.</exception>
    public void DemandLinkCanBeSent(StaffAction action)
    {
        if (action.Kind.GivesLink())
        {
            mails.DemandAddress();
        }
    }

    /// <summary>Applies the action, without its link; the caller commits with the record.</summary>
    /// <returns>The member, and the record; null when there was nothing to change.</returns>
    public async Task<(StaffMember Member, AuditEntry? Entry)> ApplyAsync(
        Actor requester, StaffAction action, CancellationToken cancellationToken)
    {
        await DemandSoundAsync(action, cancellationToken);
        var now = time.GetUtcNow();
        var (member, entry, influence) = action.Kind switch
        {
            StaffRequestKind.Invite => await InviteAsync(action.Content, now, cancellationToken),
            StaffRequestKind.Access =>
                (action.Member!, await ChangeAccessAsync(action.Member!, action.Content.Access, now, cancellationToken),
                InfluenceKind.AccessChanged),
            StaffRequestKind.Enable =>
                (action.Member!, await EnableAsync(action.Member!, action.Content.Access, now, cancellationToken),
                InfluenceKind.Enabled),
            StaffRequestKind.Link =>
                (action.Member!, new AuditEntry(
                action.Content.IsRecovery ? "staff.recovery_started"
                : "staff.invited_again")
                { After = StaffRecord.Person(action.Member!) },
                InfluenceKind.LinkRenewed),
            _ => (action.Member!, await ResetSecondFactorAsync(action.Member!, now, cancellationToken),
                InfluenceKind.SecondFactorReset),
        };
        if (entry is not null)
        {
            RecordInfluence(member, requester, influence);
        }

        return (member, entry is null ? null : entry with { Reason = action.Reason });
    }

    /// <summary>
    /// Creates a one-time link; older ones stop working. If mail is configured, the link goes by mail and nobody else
    /// sees it.
    /// </summary>
    public Task<StaffLink> GiveLinkAsync(StaffMember member, Actor requester, CancellationToken cancellationToken) =>
        GiveLinkAsync(member, requester, toConsole: false, cancellationToken);

    /// <summary>The same, but with <paramref name="toConsole"/> the link is returned and never mailed.</summary>
    public async Task<StaffLink> GiveLinkAsync(
        StaffMember member, Actor requester, bool toConsole, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await StaffEndings.LinksAsync(db, member.Id, now, cancellationToken);
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var invitation = new StaffInvitation
        {
            StaffId = member.Id, TokenHash = StaffLinks.Hash(token), CreatedAt = now, CreatedBy = requester.StaffId,
            CreatedByName = requester.Name, ExpiresAt = now + StaffLinks.Lifetime,
        };
        db.Set<StaffInvitation>().Add(invitation);
        var isMailed = mails.IsConfigured && !toConsole;
        if (isMailed)
        {
            mails.AddLink(db, member, token, invitation.ExpiresAt, member.PasswordHash is not null);
        }

        return new StaffLink(member.Id, member.FullName, member.Email!, isMailed ? null : token, invitation.ExpiresAt);
    }

    /// <summary>
    /// Notifies administrators by mail of a request that takes effect without a second person. All staff see it on
    /// every page.
    /// </summary>
    public Task NotifyAskedAsync(Approval approval, CancellationToken cancellationToken)
    {
        var content = StaffRequestContent.Of(approval);
        return approval.EffectiveAt is { } effective
            ? mails.NotifyAdministratorsAsync(
                db, "mail_staff_delayed",
                [approval.RequestedByName, content.FullName, content.Email, StaffMails.Lima(effective)],
                cancellationToken)
            : Task.CompletedTask;
    }

    /// <summary>Records that the requester took part in the member's access; the caller saves.</summary>
    public void RecordInfluence(StaffMember member, Actor requester, InfluenceKind kind)
    {
        if (requester.StaffId is { } by)
        {
            db.Set<StaffInfluence>()
                .Add(new StaffInfluence
                {
                    StaffId = member.Id, ById = by, ByName = requester.Name, Kind = kind,
                    At = time.GetUtcNow()
                });
        }
    }

    /// <summary>Whether the member may not sign in at this moment.</summary>
    public static bool IsBlocked(StaffMember member, DateTimeOffset now) =>
        member.DisabledAt is not null || member.AccessEndsAt <= now;

    /// <summary>
    /// Removes authenticator, recovery codes, passkeys and linked accounts of the identity provider, and ends open
    /// sessions and API tokens, because somebody else may have the device.
    /// </summary>
    public async Task<AuditEntry> ResetSecondFactorAsync(
        StaffMember member, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await db.UserTokens.Where(t => t.UserId == member.Id && t.LoginProvider == IdentityStore)
            .ExecuteDeleteAsync(cancellationToken);
        var passkeys = await db.UserPasskeys.Where(p => p.UserId == member.Id).ExecuteDeleteAsync(cancellationToken);
        var links = await OidcLinks.RemoveAsync(db, member.Id, now, cancellationToken);
        var tokens = await StaffTokens.RevokeAsync(db, member.Id, now, andPersonal: true, cancellationToken);
        var entry = new AuditEntry("staff.second_factor_reset")
        {
            Before = new Dictionary<string, object?>
            {
                ["second_factor"] = member.TwoFactorEnabled, ["passkeys"] = passkeys,
                ["company_accounts"] = links.Count,
            },
            After = StaffRecord.Person(
                member, new("second_factor", false), new("passkeys", 0), new("company_accounts", 0),
                new("tokens_revoked", tokens)),
        };
        member.TwoFactorEnabled = false;
        StaffStamps.Restamp(member);
        await StaffEndings.SessionsAsync(db, member.Id, now, cancellationToken);
        await StaffEndings.TracesAsync(db, member.Id, now, cancellationToken);
        await accountMails.AddAsync(db, member.Id, AccountNews.Reset, [], null, cancellationToken);
        return entry;
    }

    private async Task<bool> HasSecondFactorAsync(StaffMember member, CancellationToken cancellationToken) =>
        member.TwoFactorEnabled
        || await db.UserTokens.AnyAsync(
            t => t.UserId == member.Id && t.LoginProvider == IdentityStore, cancellationToken)
        || await db.UserPasskeys.AnyAsync(p => p.UserId == member.Id, cancellationToken);

    private async Task<(StaffMember Member, AuditEntry? Entry, InfluenceKind Influence)> InviteAsync(
        StaffRequestContent person, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var member = new StaffMember
        {
            FullName = person.FullName, Email = person.Email, UserName = person.Email,
            CreatedAt = now
        };
        if (!(await members.CreateAsync(member)).Succeeded)
        {
            // Identity refuses some characters that our own check accepts. No company's address contains them.
            throw new InvalidInputException("email", new Message("correo_form"));
        }

        await person.Access.ApplyAsync(db, member, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        var access = await StaffAccess.OfAsync(db, member, cancellationToken);
        return (member, new AuditEntry("staff.invited") { After = StaffRecord.Person(member, [.. access]) },
            InfluenceKind.Made);
    }

    private async Task<AuditEntry?> ChangeAccessAsync(
        StaffMember member, StaffAccess access, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var entry = await ApplyAccessAsync(member, access, "staff.access_changed", cancellationToken);
        if (entry.Before!.Count == 0)
        {
            return null;
        }

        StaffStamps.Restamp(member);
        await StaffEndings.SessionsAsync(db, member.Id, now, cancellationToken);
        return entry;
    }

    private async Task<AuditEntry> EnableAsync(
        StaffMember member, StaffAccess access, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (member.DisabledAt is null)
        {
            // The access has ended but the recurring job has not run yet. The history must show the gap.
            await StaffEndings.AllAsync(db, member, now, cancellationToken);
            await db.SaveChangesAsync(cancellationToken);
        }

        var entry = await ApplyAccessAsync(member, access, "staff.enabled", cancellationToken);
        member.DisabledAt = null;
        StaffStamps.Restamp(member);
        return entry;
    }

    private async Task<AuditEntry> ApplyAccessAsync(
        StaffMember member, StaffAccess access, string action, CancellationToken cancellationToken)
    {
        var before = await StaffAccess.OfAsync(db, member, cancellationToken);
        await access.ApplyAsync(db, member, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        return StaffRecord.Change(action, member, before, await StaffAccess.OfAsync(db, member, cancellationToken));
    }

    private async Task DemandInvitableAsync(
        StaffRequestContent person, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (field, problem) = await person.Access.ProblemAsync(db, now, cancellationToken);
        var email = TenantRules.Email(person.Email) ?? (await members.FindByEmailAsync(person.Email) is { } holder
            ? new Message(holder.DisabledAt is null ? "staff_email_taken" : "staff_email_taken_disabled",
                holder.FullName)
            : null);
        var name = SafeText.Clean(person.FullName);
        var naming = StaffNames.Problem(name) ?? await StaffNames.FindConflictAsync(db, name!, null, cancellationToken);
        Demand([("full_name", naming), ("email", email), (field, problem)]);
    }

    // Reports all errors at once, so that the person does not have to correct them one by one.
    private static void Demand(IEnumerable<(string Field, Message? Problem)> checks)
    {
        var wrong = checks.Where(check => check.Problem is not null)
            .ToDictionary(check => check.Field, check => (IReadOnlyList<Message>)[check.Problem!]);
        if (wrong.Count > 0)
        {
            throw new InvalidInputException(wrong);
        }
    }

    private static void Refuse(bool when, string code)
    {
        if (when)
        {
            throw new RuleException(code);
        }
    }
}
