using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Core.Staff.MyAccount;

/// <summary>
/// A person's own account at the identity provider: links it, unlinks it, and re-authenticates the person with it.
/// </summary>
// More than five dependencies: a link is signed, recorded and told to the person in one transaction.
public sealed class OwnOidc(
    IDbContextFactory<MasterContext> contexts, Reauthentication reauthentication, Confirmations confirmations,
    AuditTrail audit, AccountMails mails, TimeProvider time)
{
    /// <summary>Largest accepted difference between the provider's clock and ours.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);

    /// <summary>Returns the display name of the linked account; null when there is none.</summary>
    public async Task<string?> ReadAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await db.UserLogins.Where(l => l.UserId == actor.StaffId).Select(l => l.ProviderDisplayName ?? "")
            .FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>
    /// Re-authenticates the person before sending them to the provider; <paramref name="proof"/> is for
    /// <see cref="SignedAction.OidcLink"/> (see <see cref="Reauthentication"/>).
    /// </summary>
    /// <returns>A confirmation for <see cref="LinkAsync"/>.</returns>
    public async Task<string> AllowLinkAsync(Actor actor, string? proof, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        var what = SignedAction.Own(SignedAction.OidcLink, actor);
        return await confirmations.IssueAsync(
            actor.StaffId!.Value, what, await reauthentication.DemandAsync(actor, what, proof, cancellationToken),
            cancellationToken);
    }

    /// <summary>Links an account that the provider has confirmed.</summary>
    /// <exception cref="RuleException">
    /// <c>oidc_taken</c>: the account is linked to another member; <c>oidc_there</c>: the person already has a linked
    /// account; or a refusal by <see cref="Reauthentication"/>.
    /// </exception>
    public async Task LinkAsync(Actor actor, OidcIdentity who, string? proof, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        var how = await reauthentication.DemandAsync(
            actor, SignedAction.Own(SignedAction.OidcLink, actor), proof, cancellationToken);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await TeamLock.LockAsync(db, cancellationToken);
        if (await OidcLinks.HasOneAsync(db, actor.StaffId!.Value, who, cancellationToken))
        {
            throw new RuleException("oidc_there");
        }

        if (await OidcLinks.Of(db, who).AnyAsync(cancellationToken))
        {
            throw new RuleException("oidc_taken");
        }

        OidcLinks.Add(db, actor.StaffId.Value, who);
        await mails.AddAsync(
            db, actor.StaffId.Value, AccountNews.CompanyAccount, [OidcLinks.NameOf(who)], actor.Address,
            cancellationToken);
        await audit.CommitAsync(db, actor, OidcLinks.Record(who) with { SignedWith = how }, cancellationToken);
    }

    /// <summary>
    /// Unlinks the account; after that only the person can link it again. <paramref name="proof"/> is for
    /// <see cref="SignedAction.OidcUnlink"/> (see <see cref="Reauthentication"/>).
    /// </summary>
    /// <exception cref="RuleException">
    /// <c>oidc_none</c>; <c>oidc_only_way</c>: the person could no longer sign in.
    /// </exception>
    public async Task UnlinkAsync(Actor actor, string? proof, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        var how = await reauthentication.DemandAsync(
            actor, SignedAction.Own(SignedAction.OidcUnlink, actor), proof, cancellationToken);
        var id = actor.StaffId!.Value;
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var member = await TeamLock.LockMemberAsync(db, id, cancellationToken);
        if (member.PasswordHash is null && !await db.UserPasskeys.AnyAsync(p => p.UserId == id, cancellationToken))
        {
            throw new RuleException("oidc_only_way");
        }

        if (await OidcLinks.RemoveAsync(db, id, time.GetUtcNow(), cancellationToken) is not { Count: > 0 } accounts)
        {
            throw new RuleException("oidc_none");
        }

        await audit.CommitAsync(
            db, actor, new AuditEntry(
            "staff.oidc_unlinked")
            {
                SignedWith = how, Before = new Dictionary<string, object?>
                { ["account"] = string.Join(", ", accounts) }
            }, cancellationToken);
    }

    /// <summary>
    /// Issues a confirmation to the signed-in person after they have proved again to the provider who they are.
    /// </summary>
    /// <param name="actor">The person who is signed in here.</param>
    /// <param name="who">The account that the provider returned.</param>
    /// <param name="what">The action that the person is about to sign.</param>
    /// <param name="askedAt">When the portal sent the person to the provider.</param>
    /// <exception cref="RuleException">
    /// <c>oidc_stale</c>: the provider did not ask the person again; <c>oidc_other</c>: it is another person's account.
    /// </exception>
    public async Task<string> ConfirmAsync(
        Actor actor, OidcIdentity who, SignedAction what, DateTimeOffset askedAt, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);

        // Providers may ignore max_age and prompt, so only auth_time in the token counts.
        if (who.AuthenticatedAt is not { } at || at < askedAt - Skew || at > time.GetUtcNow() + Skew)
        {
            throw new RuleException("oidc_stale");
        }

        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await OidcLinks.Of(db, who).AnyAsync(l => l.UserId == actor.StaffId, cancellationToken)
            ? await confirmations.IssueAsync(actor.StaffId!.Value, what, SignInMethods.Oidc, cancellationToken)
            : throw new RuleException("oidc_other");
    }
}
