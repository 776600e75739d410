using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Staff.Tokens;

namespace Vigia.Core.Staff.Team;

/// <summary>The person a one-time link is for.</summary>
/// <param name="Email">The address that they sign in with.</param>
/// <param name="IsRecovery">Whether they had a password before.</param>
public sealed record Welcomed(string FullName, string Email, bool IsRecovery);

/// <summary>
/// Accepts a one-time link, whose holder sets the password. It demands no right, because the link itself is the
/// authorisation. Unknown, used and expired links give the same answer.
/// </summary>
public sealed class StaffWelcome(IServiceScopeFactory scopes, AuditTrail audit, TimeProvider time)
{
    /// <summary>Returns the person the link is for; null when it no longer works or never did.</summary>
    public async Task<Welcomed?> FindAsync(string? token, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<MasterContext>();
        return await FindAsync(db, token, cancellationToken) is { } link
            && await db.Users.AsNoTracking().SingleAsync(s => s.Id == link.StaffId, cancellationToken) is var member
            ? new Welcomed(member.FullName, member.Email!, member.PasswordHash is not null)
            : null;
    }

    /// <summary>
    /// Sets the password and uses up the link. Ends all sessions and API tokens that were made with an older password.
    /// A recovery also unlinks accounts of the identity provider, because another person may have linked them.
    /// </summary>
    /// <exception cref="RuleException"><c>staff_link_gone</c>.</exception>
    /// <exception cref="InvalidInputException">
    /// <c>password</c>: <c>staff_password_weak</c>; the link can still be used.
    /// </exception>
    public async Task AcceptAsync(string? token, string password, string? address, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<MasterContext>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var found = await FindAsync(db, token, cancellationToken) ?? throw new RuleException("staff_link_gone");
        var member = await TeamLock.LockMemberAsync(db, found.StaffId, cancellationToken);

        // Another click on the same link may have been first. Every change of a link is made under the lock.
        var link = await FindAsync(db, token, cancellationToken) ?? throw new RuleException("staff_link_gone");
        var (now, isRecovery) = (time.GetUtcNow(), member.PasswordHash is not null);
        await SetPasswordAsync(scope.ServiceProvider.GetRequiredService<UserManager<StaffMember>>(), member, password);
        link.UsedAt = now;
        await scope.ServiceProvider.GetRequiredService<SignInThrottle>()
            .ForgetAccountAsync(db, member, cancellationToken);
        await StaffEndings.SessionsAsync(db, member.Id, now, cancellationToken);
        await StaffEndings.TracesAsync(db, member.Id, now, cancellationToken);
        var revoked = await StaffTokens.RevokeAsync(db, member.Id, now, andPersonal: true, cancellationToken);
        var record = StaffRecord.Of(isRecovery ? "staff.recovered" : "staff.invitation_accepted", member);
        if (isRecovery)
        {
            var links = await OidcLinks.RemoveAsync(db, member.Id, now, cancellationToken);
            record = record with
            {
                Before = new Dictionary<string, object?> { ["company_accounts"] = links.Count },
                After = StaffRecord.Person(member, new("company_accounts", 0), new("tokens_revoked", revoked)),
            };
            await scope.ServiceProvider.GetRequiredService<AccountMails>()
                .AddAsync(db, member.Id, AccountNews.Password, [], address, cancellationToken);
        }

        var actor = new Actor(
            member.Id, member.FullName, address, await StaffRoleRows.OfAsync(db, member.Id, cancellationToken));
        await audit.CommitAsync(db, actor, record, cancellationToken);
    }

    private static async Task SetPasswordAsync(UserManager<StaffMember> members, StaffMember member, string password)
    {
        foreach (var validator in members.PasswordValidators)
        {
            if (!(await validator.ValidateAsync(members, member, password)).Succeeded)
            {
                throw new InvalidInputException("password", new Message("staff_password_weak"));
            }
        }

        member.PasswordHash = members.PasswordHasher.HashPassword(member, password);
        member.EmailConfirmed = true;
        StaffStamps.Restamp(member);
    }

    private async Task<StaffInvitation?> FindAsync(MasterContext db, string? token, CancellationToken cancellationToken)
    {
        var (hash, now) = (StaffLinks.Hash(token ?? ""), time.GetUtcNow());
        return await db.Set<StaffInvitation>()
            .FirstOrDefaultAsync(
            i => i.TokenHash == hash && i.UsedAt == null && i.RevokedAt == null && i.ExpiresAt > now,
            cancellationToken);
    }
}
