using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Audit;
using Vigia.Core.Errors;
using Vigia.Core.Master;

namespace Vigia.Core.Staff;

/// <summary>One's own password.</summary>
public sealed class OwnPassword(
    IServiceScopeFactory scopes, IDbContextFactory<MasterContext> contexts, Reauthentication reauthentication, AuditTrail audit, TimeProvider time)
{
    /// <summary>Changes it. Every other sign-in of the person ends: whoever knew the old one is out.</summary>
    /// <param name="actor">Who acts.</param>
    /// <param name="proof">The old password; see <see cref="Reauthentication"/>, for <see cref="SignedAction.PasswordChange"/>.</param>
    /// <param name="password">The new one.</param>
    /// <param name="session">The sign-in it is changed in, which goes on; null ends all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidInputException"><c>new_password</c>: too short, or one that is guessed first.</exception>
    public async Task ChangeAsync(Actor actor, string? proof, string password, Guid? session, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        await using var scope = scopes.CreateAsyncScope();
        var staff = scope.ServiceProvider.GetRequiredService<UserManager<StaffMember>>();
        var member = await staff.FindByIdAsync(actor.StaffId!.Value.ToString()) ?? throw new RuleException("password_wrong");
        foreach (var rule in staff.PasswordValidators)
        {
            if (!(await rule.ValidateAsync(staff, member, password)).Succeeded)
            {
                throw new InvalidInputException("new_password", new Message("password_weak"));
            }
        }

        await reauthentication.DemandAsync(actor, SignedAction.Own(SignedAction.PasswordChange, actor), proof, cancellationToken);
        var hash = staff.PasswordHasher.HashPassword(member, password);
        var now = time.GetUtcNow();
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);

        // Not through Identity: its new security stamp would end this sign-in too, and nobody can be signed in again from a circuit.
        await db.Users.Where(s => s.Id == member.Id).ExecuteUpdateAsync(set => set.SetProperty(s => s.PasswordHash, hash), cancellationToken);
        var ended = await db.Sessions.Where(s => s.StaffId == member.Id && s.EndedAt == null && s.Id != session)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.EndedAt, now), cancellationToken);
        await audit.CommitAsync(db, actor, new AuditEntry("staff.password_changed") { After = new Dictionary<string, object?> { ["sessions_ended"] = ended } }, cancellationToken);
    }
}
