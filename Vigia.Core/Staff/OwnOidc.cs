using Microsoft.EntityFrameworkCore;
using Vigia.Core.Audit;
using Vigia.Core.Errors;
using Vigia.Core.Master;

namespace Vigia.Core.Staff;

/// <summary>One's own account at the identity provider: linking it by hand, taking it off, and proving by it again who one is.</summary>
public sealed class OwnOidc(IDbContextFactory<MasterContext> contexts, Reauthentication reauthentication, Confirmations confirmations, AuditTrail audit, TimeProvider time)
{
    /// <summary>How far the provider's clock and ours may be apart.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);

    /// <summary>What the linked account is called; null when there is none.</summary>
    public async Task<string?> ReadAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await db.UserLogins.Where(l => l.UserId == actor.StaffId).Select(l => l.ProviderDisplayName ?? "").FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Asks who is there before the provider is asked.</summary>
    /// <param name="actor">Who acts.</param>
    /// <param name="proof">See <see cref="Reauthentication"/>, for <see cref="SignedAction.OidcLink"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A confirmation for <see cref="LinkAsync"/>.</returns>
    public async Task<string> AllowLinkAsync(Actor actor, string? proof, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        var what = SignedAction.Own(SignedAction.OidcLink, actor);
        return await confirmations.IssueAsync(actor.StaffId!.Value, what, await reauthentication.DemandAsync(actor, what, proof, cancellationToken), cancellationToken);
    }

    /// <summary>Links an account that was checked.</summary>
    /// <exception cref="RuleException"><c>oidc_taken</c>: it is somebody else's; <c>oidc_there</c>: the person has one already; what <see cref="Reauthentication"/> refuses.</exception>
    public async Task LinkAsync(Actor actor, OidcIdentity who, string? proof, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        var how = await reauthentication.DemandAsync(actor, SignedAction.Own(SignedAction.OidcLink, actor), proof, cancellationToken);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await StaffLock.TakeAsync(db, cancellationToken);
        if (await OidcLinks.HasOneAsync(db, actor.StaffId!.Value, who, cancellationToken))
        {
            throw new RuleException("oidc_there");
        }

        if (await OidcLinks.Of(db, who).AnyAsync(cancellationToken))
        {
            throw new RuleException("oidc_taken");
        }

        OidcLinks.Add(db, actor.StaffId.Value, who);
        await audit.CommitAsync(db, actor, OidcLinks.Record(who) with { SignedWith = how }, cancellationToken);
    }

    /// <summary>Takes it off; only linking it by hand brings it back.</summary>
    /// <param name="actor">Who acts.</param>
    /// <param name="proof">See <see cref="Reauthentication"/>, for <see cref="SignedAction.OidcUnlink"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RuleException"><c>oidc_none</c>; <c>oidc_only_way</c>: the person could not sign in any more.</exception>
    public async Task UnlinkAsync(Actor actor, string? proof, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        var how = await reauthentication.DemandAsync(actor, SignedAction.Own(SignedAction.OidcUnlink, actor), proof, cancellationToken);
        var id = actor.StaffId!.Value;
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var member = await StaffLock.MemberAsync(db, id, cancellationToken);
        if (member.PasswordHash is null && !await db.UserPasskeys.AnyAsync(p => p.UserId == id, cancellationToken))
        {
            throw new RuleException("oidc_only_way");
        }

        if (await OidcLinks.RemoveAsync(db, id, time.GetUtcNow(), cancellationToken) is not { Count: > 0 } accounts)
        {
            throw new RuleException("oidc_none");
        }

        await audit.CommitAsync(db, actor, new AuditEntry("staff.oidc_unlinked") { SignedWith = how, Before = new Dictionary<string, object?> { ["account"] = string.Join(", ", accounts) } }, cancellationToken);
    }

    /// <summary>A confirmation for who has just proved to the provider again who they are.</summary>
    /// <param name="actor">Who is signed in here.</param>
    /// <param name="who">Who came back from the provider.</param>
    /// <param name="what">What they are about to do.</param>
    /// <param name="askedAt">When they were sent to the provider.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RuleException"><c>oidc_stale</c>: the provider did not ask them again; <c>oidc_other</c>: it is not their account.</exception>
    public async Task<string> ConfirmAsync(Actor actor, OidcIdentity who, SignedAction what, DateTimeOffset askedAt, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);

        // Providers may overlook max_age and prompt: what counts is what the token says.
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
