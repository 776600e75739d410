using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Audit;
using Vigia.Core.Master;
using Vigia.Core.Staff;

namespace Vigia.Portal.Components.Account;

/// <summary>Signs staff in with e-mail and password.</summary>
internal sealed partial class StaffSignIn(
    SignInManager<StaffMember> signIn, IDbContextFactory<MasterContext> contexts, MasterIdentity identity, AuditTrail audit, TimeProvider time, ILogger<StaffSignIn> logger)
{
    // Verifying against this takes as long as against a real one: the time of an answer must not tell which addresses exist.
    private static readonly string NobodysHash = new PasswordHasher<StaffMember>().HashPassword(new StaffMember(), Guid.NewGuid().ToString());

    /// <summary>
    /// Whether the person is signed in now. Wrong password, unknown address and an account that rests after too many tries give the same
    /// answer, so that nobody can find out who works here.
    /// </summary>
    public async Task<bool> TryAsync(string email, string password, string? address, CancellationToken cancellationToken)
    {
        var member = await signIn.UserManager.FindByEmailAsync(email);
        if (member is null)
        {
            signIn.UserManager.PasswordHasher.VerifyHashedPassword(new StaffMember(), NobodysHash, password);
            LogRefused(logger, null, address);
            return false;
        }

        var result = await signIn.CheckPasswordSignInAsync(member, password, lockoutOnFailure: true);
        if (!result.Succeeded)
        {
            LogRefused(logger, member.Id, address);
            return false;
        }

        if (identity.ReadOnly is null)
        {
            await RecordAsync(member, address, cancellationToken);
        }
        else
        {
            // Somebody has to come in to say what this master is; until then nothing is written to it, not even that.
            LogReadOnly(logger, member.Id, address);
        }

        await signIn.SignInAsync(member, isPersistent: false);
        return true;
    }

    private async Task RecordAsync(StaffMember member, string? address, CancellationToken cancellationToken)
    {
        var roles = await signIn.UserManager.GetRolesAsync(member);
        var actor = new Actor(member.Id, string.IsNullOrWhiteSpace(member.FullName) ? member.Email! : member.FullName, address, [.. roles]);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Users.Where(staff => staff.Id == member.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(staff => staff.LastSignInAt, time.GetUtcNow()), cancellationToken);
        await audit.CommitAsync(db, actor, new AuditEntry("staff.signed_in"), cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{StaffId} signed in from {Address}; not in the audit trail, for the master is read-only")]
    private static partial void LogReadOnly(ILogger logger, Guid staffId, string? address);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sign-in refused for {StaffId} from {Address}")]
    private static partial void LogRefused(ILogger logger, Guid? staffId, string? address);
}
