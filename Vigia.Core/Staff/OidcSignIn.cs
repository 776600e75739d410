using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Vigia.Core.Audit;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Text;

namespace Vigia.Core.Staff;

/// <summary>
/// Whom an identity provider means. Staff are invited by administrators and never made by a provider: by the link that is kept, else once by the
/// verified address, and then the link is kept. Whoever is refused learns nothing but that; the log says why.
/// </summary>
public sealed partial class OidcSignIn(IDbContextFactory<MasterContext> contexts, AuditTrail audit, MasterIdentity identity, TimeProvider time, ILogger<OidcSignIn> logger)
{
    /// <summary>The member, linked now if they were not. Whether they may come in at this moment is not said yet.</summary>
    /// <param name="who">As the provider says it.</param>
    /// <param name="address">Where the request came from.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="RuleException"><c>oidc_refused</c>, for every reason the same.</exception>
    public async Task<StaffMember> FindAsync(OidcIdentity who, string? address, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await OwnerAsync(db, who, cancellationToken) ?? await LinkAsync(db, who, address, cancellationToken);
    }

    private async Task<StaffMember> LinkAsync(MasterContext db, OidcIdentity who, string? address, CancellationToken cancellationToken)
    {
        if (who.Email is not { Length: > 0 } email || SafeText.Problem(email, 254) is not null)
        {
            throw Refuse("no_email", null, address);
        }

        if (!who.IsEmailVerified)
        {
            throw Refuse("email_not_verified", null, address);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await StaffLock.TakeAsync(db, cancellationToken);
        if (await OwnerAsync(db, who, cancellationToken) is { } owner)
        {
            // Two at the same moment: the other one was first.
            return owner;
        }

        // As Identity normalises an address.
        var normalized = email.Normalize().ToUpperInvariant();
        var member = await db.Users.SingleOrDefaultAsync(s => s.NormalizedEmail == normalized, cancellationToken);
        if (await WhyNotAsync(db, member, who, cancellationToken) is { } reason)
        {
            throw Refuse(reason, member?.Id, address);
        }

        OidcLinks.Add(db, member!.Id, who);
        member.EmailConfirmed = true;
        StaffEndings.Touch(member);
        var actor = new Actor(member.Id, string.IsNullOrWhiteSpace(member.FullName) ? email : member.FullName, address, await StaffRoleRows.OfAsync(db, member.Id, cancellationToken));
        await audit.CommitAsync(db, actor, OidcLinks.Record(who), cancellationToken);
        return member;
    }

    private async Task<string?> WhyNotAsync(MasterContext db, StaffMember? member, OidcIdentity who, CancellationToken cancellationToken) => member switch
    {
        null => "unknown_email",
        { DisabledAt: not null } => "disabled",
        { AccessEndsAt: { } end } when end <= time.GetUtcNow() => "access_over",
        _ when await OidcLinks.HasOneAsync(db, member.Id, who, cancellationToken) => "another_subject",
        _ when await OidcLinks.WasTakenOffAsync(db, member.Id, who, cancellationToken) => "unlinked",
        _ when identity.ReadOnly is not null => "read_only",
        _ => null,
    };

    private static Task<StaffMember?> OwnerAsync(MasterContext db, OidcIdentity who, CancellationToken cancellationToken) =>
        (from link in OidcLinks.Of(db, who) join member in db.Users on link.UserId equals member.Id select member).SingleOrDefaultAsync(cancellationToken);

    private RuleException Refuse(string reason, Guid? staffId, string? address)
    {
        LogRefused(logger, reason, staffId, address);
        return new RuleException("oidc_refused");
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The identity provider's account is nobody's here ({Reason}; {StaffId}) from {Address}")]
    private static partial void LogRefused(ILogger logger, string reason, Guid? staffId, string? address);
}
