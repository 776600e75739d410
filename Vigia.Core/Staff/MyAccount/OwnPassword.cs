using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Staff.Team;
using Vigia.Core.Staff.Tokens;

namespace Vigia.Core.Staff.MyAccount;

/// <summary>The other credentials that open a person's account besides the password.</summary>
/// <param name="Tokens">How many personal API tokens work.</param>
/// <param name="Passkeys">How many passkeys there are.</param>
/// <param name="HasCompanyAccount">Whether an account of the identity provider is linked.</param>
public sealed record OtherKeys(int Tokens, int Passkeys, bool HasCompanyAccount);

/// <summary>A person's own password.</summary>
// More than five dependencies: a change is signed, recorded and told to the person in one transaction.
public sealed class OwnPassword(
    IServiceScopeFactory scopes, IDbContextFactory<MasterContext> contexts, Reauthentication reauthentication,
    AuditTrail audit, AccountMails mails, TimeProvider time)
{
    /// <summary>
    /// Changes the password and ends the person's other sessions, short-lived tokens and unused links, because somebody
    /// who knew the old password may have opened them. Browsers are no longer known, for the same reason. The session
    /// <paramref name="session"/> continues; null ends all. With <paramref name="andTokens"/> the personal tokens end
    /// too. <paramref name="proof"/> is the old password or a confirmation for
    /// <see cref="SignedAction.PasswordChange"/> (see <see cref="Reauthentication"/>).
    /// </summary>
    /// <exception cref="InvalidInputException">
    /// <c>new_password</c>: too short or too easy to guess.
    /// </exception>
    public async Task ChangeAsync(
        Actor actor, string? proof, string password, Guid? session, bool andTokens,
        CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        await using var scope = scopes.CreateAsyncScope();
        var staff = scope.ServiceProvider.GetRequiredService<UserManager<StaffMember>>();
        var member = await staff.FindByIdAsync(actor.StaffId!.Value.ToString())
            ?? throw new RuleException("password_wrong");
        foreach (var rule in staff.PasswordValidators)
        {
            if (!(await rule.ValidateAsync(staff, member, password)).Succeeded)
            {
                throw new InvalidInputException("new_password", new Message("password_weak"));
            }
        }

        await reauthentication.DemandAsync(
            actor, SignedAction.Own(SignedAction.PasswordChange, actor), proof, cancellationToken);
        var hash = staff.PasswordHasher.HashPassword(member, password);
        var now = time.GetUtcNow();
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);

        // Not through Identity: it would set a new security stamp, which also ends this session. A Blazor circuit
        // cannot sign the person in again.
        await db.Users.Where(s => s.Id == member.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.PasswordHash, hash), cancellationToken);
        var ended = await db.Set<SignInSession>()
            .Where(s => s.StaffId == member.Id && s.EndedAt == null && s.Id != session)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.EndedAt, now), cancellationToken);
        var revoked = await StaffTokens.RevokeAsync(db, member.Id, now, andTokens, cancellationToken);
        await StaffEndings.TracesAsync(db, member.Id, now, cancellationToken);
        await mails.AddAsync(db, member.Id, AccountNews.Password, [], actor.Address, cancellationToken);
        await audit.CommitAsync(
            db, actor, new AuditEntry("staff.password_changed")
            {
                After = new Dictionary<string, object?> { ["sessions_ended"] = ended, ["tokens_revoked"] = revoked },
            }, cancellationToken);
    }

    /// <summary>Returns what else opens the account, so that the person can end it with the old password.</summary>
    public async Task<OtherKeys> ListOthersAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        var now = time.GetUtcNow();
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return new OtherKeys(
            await StaffTokens.Working(db, actor.StaffId!.Value, now).CountAsync(t => t.Name != null, cancellationToken),
            await db.UserPasskeys.CountAsync(p => p.UserId == actor.StaffId, cancellationToken),
            await db.UserLogins.AnyAsync(l => l.UserId == actor.StaffId, cancellationToken));
    }
}
