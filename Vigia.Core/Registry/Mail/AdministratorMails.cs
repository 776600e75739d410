using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Mail;

/// <summary>Sends alarms by mail to all administrators with an active account.</summary>
public sealed class AdministratorMails(Outbox outbox, TimeProvider time)
{
    private static readonly TimeSpan WorthSending = TimeSpan.FromDays(3);

    /// <summary>
    /// Adds the mail to <paramref name="db"/> once for each administrator. Does nothing when mail is not configured.
    /// The caller commits.
    /// </summary>
    public async Task AddAsync(
        MasterContext db, string kind, string subject, string body, CancellationToken cancellationToken,
        int? tenantId = null)
    {
        if (!outbox.IsConfigured)
        {
            return;
        }

        var now = time.GetUtcNow();
        var administrators = await (
            from member in db.Users
            join held in db.UserRoles on member.Id equals held.UserId
            join role in db.Roles on held.RoleId equals role.Id
            where role.Name == StaffRoles.Administrator && member.DisabledAt == null
                && (member.AccessEndsAt == null || member.AccessEndsAt > now) && member.Email != null
            select new { member.Id, member.Email }).ToListAsync(cancellationToken);
        foreach (var administrator in administrators)
        {
            outbox.Add(db, new OutgoingMail(kind, administrator.Email!, subject, body, now + WorthSending), tenantId,
                administrator.Id);
        }
    }

    /// <summary>Adds a mail to an address that belongs to no account.</summary>
    public void AddTo(MasterContext db, string recipient, string kind, string subject, string body)
    {
        if (outbox.IsConfigured)
        {
            outbox.Add(
                db, new OutgoingMail(kind, recipient, subject, body, time.GetUtcNow() + WorthSending), null, null);
        }
    }
}
