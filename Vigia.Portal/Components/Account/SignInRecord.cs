using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Audit;
using Vigia.Core.Master;
using Vigia.Core.Staff;

namespace Vigia.Portal.Components.Account;

/// <summary>Puts into the audit trail that somebody signed in, and how.</summary>
internal sealed partial class SignInRecord(
    UserManager<StaffMember> members, IDbContextFactory<MasterContext> contexts, MasterIdentity identity, AuditTrail audit, TimeProvider time, ILogger<SignInRecord> logger)
{
    public async Task WriteAsync(StaffMember member, string method, string? address, CancellationToken cancellationToken)
    {
        if (identity.ReadOnly is not null)
        {
            // Somebody has to come in to say what this master is; until then the trail takes no record, not even that.
            LogReadOnly(logger, member.Id, address);
            return;
        }

        var roles = await members.GetRolesAsync(member);
        var actor = new Actor(member.Id, string.IsNullOrWhiteSpace(member.FullName) ? member.Email! : member.FullName, address, [.. roles]);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Users.Where(staff => staff.Id == member.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(staff => staff.LastSignInAt, time.GetUtcNow()), cancellationToken);
        await audit.CommitAsync(db, actor, new AuditEntry("staff.signed_in") { After = new Dictionary<string, object?> { ["method"] = method } }, cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{StaffId} signed in from {Address}; not in the audit trail, for the master is read-only")]
    private static partial void LogReadOnly(ILogger logger, Guid staffId, string? address);
}
