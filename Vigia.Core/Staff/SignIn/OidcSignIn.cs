using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.SignIn;

/// <summary>
/// Finds the member of staff for an identity from the provider. Administrators invite staff; a provider never creates
/// them. A stored link identifies the member. Without one, the verified address identifies the member once and the link
/// is stored. A refused person gets no reason; the log has it.
/// </summary>
// More than five dependencies: a first sign-in also links, records and tells the person, in one transaction.
public sealed partial class OidcSignIn(
    IDbContextFactory<MasterContext> contexts, AuditTrail audit, MasterIdentity identity, AccountMails mails,
    TimeProvider time, ILogger<OidcSignIn> logger)
{
    /// <summary>
    /// Returns the member and links the account if it is not linked yet. Does not check whether the member may sign in
    /// now. <paramref name="address"/> is where the request came from.
    /// </summary>
    /// <exception cref="RuleException"><c>oidc_refused</c>, the same code for every reason.</exception>
    public async Task<StaffMember> FindAsync(OidcIdentity who, string? address, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await FindOwnerAsync(db, who, cancellationToken) ?? await LinkAsync(db, who, address, cancellationToken);
    }

    private async Task<StaffMember> LinkAsync(
        MasterContext db, OidcIdentity who, string? address, CancellationToken cancellationToken)
    {
        if (who.Email is not { Length: > 0 } email || EmailAddress.Problem(email) is not null)
        {
            throw Refuse("no_email", null, address);
        }

        if (!who.IsEmailVerified)
        {
            throw Refuse("email_not_verified", null, address);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await TeamLock.LockAsync(db, cancellationToken);
        if (await FindOwnerAsync(db, who, cancellationToken) is { } owner)
        {
            // Two requests at the same moment: the other one linked the account first.
            return owner;
        }

        var normalized = EmailAddress.Key(email);
        var member = await db.Users.SingleOrDefaultAsync(s => s.NormalizedEmail == normalized, cancellationToken);
        if (await FindRefusalAsync(db, member, who, cancellationToken) is { } reason)
        {
            throw Refuse(reason, member?.Id, address);
        }

        OidcLinks.Add(db, member!.Id, who);
        await mails.AddAsync(
            db, member.Id, AccountNews.CompanyAccount, [OidcLinks.NameOf(who)], address, cancellationToken);
        member.EmailConfirmed = true;
        StaffStamps.Touch(member);
        var actor = new Actor(
            member.Id, string.IsNullOrWhiteSpace(member.FullName) ? email : member.FullName, address,
            await StaffRoleRows.OfAsync(db, member.Id, cancellationToken));
        await audit.CommitAsync(db, actor, OidcLinks.Record(who), cancellationToken);
        return member;
    }

    private async Task<string?> FindRefusalAsync(
        MasterContext db, StaffMember? member, OidcIdentity who, CancellationToken cancellationToken) => member switch
        {
            null => "unknown_email",
            { DisabledAt: not null } => "disabled",
            { AccessEndsAt: { } end } when end <= time.GetUtcNow() => "access_over",
            _ when await OidcLinks.HasOneAsync(db, member.Id, who, cancellationToken) => "another_subject",
            _ when await OidcLinks.WasUnlinkedAsync(db, member.Id, who, cancellationToken) => "unlinked",
            _ when identity.ReadOnly is not null => "read_only",
            _ => null,
        };

    private static Task<StaffMember?> FindOwnerAsync(
        MasterContext db, OidcIdentity who, CancellationToken cancellationToken) =>
        (from link in OidcLinks.Of(db, who) join member in db.Users on link.UserId equals member.Id select member)
            .SingleOrDefaultAsync(cancellationToken);

    private RuleException Refuse(string reason, Guid? staffId, string? address)
    {
        LogRefused(logger, reason, staffId, address);
        return new RuleException("oidc_refused");
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "An account of the identity provider was refused ({Reason}; {StaffId}) from {Address}")]
    private static partial void LogRefused(ILogger logger, string reason, Guid? staffId, string? address);
}
