using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Portal.Components.SignIn;

/// <summary>Writes an audit record about a sign-in and its method.</summary>
// More than five dependencies: it records a sign-in on any master, read-only ones too. Identity and log are there for
// that.
public sealed partial class SignInRecord(
    UserManager<StaffMember> members, IDbContextFactory<MasterContext> contexts, MasterIdentity identity,
    AuditTrail audit, AccountMails mails, TimeProvider time, ILogger<SignInRecord> logger)
{
    /// <param name="method">How they signed in.</param>
    /// <param name="address">Where the request came from.</param>
    /// <param name="newDevice">
    /// The browser's User-Agent, if the person has not signed in on it before. They are told by mail.
    /// </param>
    public async Task WriteAsync(
        StaffMember member, string method, string? address, string? newDevice, CancellationToken cancellationToken)
    {
        if (identity.ReadOnly is not null)
        {
            // A person must sign in to answer whether this master was copied. Until then the audit trail takes no
            // records, so this sign-in is only logged.
            LogReadOnly(logger, member.Id, address);
            return;
        }

        var roles = await members.GetRolesAsync(member);
        var actor = new Actor(
            member.Id, string.IsNullOrWhiteSpace(member.FullName) ? member.Email! : member.FullName, address,
            [.. roles]);
        try
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await AddAsync(db, member, address, newDevice, cancellationToken);
            await audit.CommitAsync(
                db, actor, new AuditEntry(
                "staff.signed_in")
                { After = new Dictionary<string, object?> { ["method"] = method } },
                cancellationToken);
        }
        catch (AuditChainClosedException)
        {
            // The same here: a person must sign in to examine the audit trail. When the trail was tampered with, it
            // matters most that people learn of a sign-in that was not theirs.
            LogClosed(logger, member.Id, address);
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await AddAsync(db, member, address, newDevice, cancellationToken);
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }

    // The time of the sign-in, and a mail about a browser that was not known.
    private async Task AddAsync(
        MasterContext db, StaffMember member, string? address, string? newDevice, CancellationToken cancellationToken)
    {
        await db.Users.Where(staff => staff.Id == member.Id)
            .ExecuteUpdateAsync(
                set => set.SetProperty(staff => staff.LastSignInAt, time.GetUtcNow()), cancellationToken);
        if (newDevice is not null && member.LastSignInAt is not null)
        {
            await mails.AddSignInAsync(db, member.Id, newDevice, address, cancellationToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "{StaffId} signed in from {Address}; not in the audit trail, because the master is read-only")]
    private static partial void LogReadOnly(ILogger logger, Guid staffId, string? address);

    [LoggerMessage(Level = LogLevel.Critical,
        Message = "{StaffId} signed in from {Address}; not in the audit trail, which accepts no record")]
    private static partial void LogClosed(ILogger logger, Guid staffId, string? address);
}
