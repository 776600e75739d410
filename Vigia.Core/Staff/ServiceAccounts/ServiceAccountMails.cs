using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Core.Staff.ServiceAccounts;

/// <summary>
/// Writes a mail to the owners of a service account about each change of it. All administrators get a copy if the
/// change gives access. The mail is queued in the transaction of the change, in Spanish like all mail of the portal.
/// </summary>
public sealed class ServiceAccountMails(Outbox outbox, TimeProvider time)
{
    private static readonly CultureInfo Spanish = CultureInfo.GetCultureInfo("es-PE");
    private static readonly TimeSpan WorthSending = TimeSpan.FromDays(3);

    /// <summary>
    /// Writes the mails; the caller commits. <paramref name="news"/> is the message that says what was done. Its
    /// argument is the account's name. Does nothing when mail is not configured.
    /// </summary>
    internal async Task AddAsync(
        MasterContext db, ServiceAccount account, Actor actor, string news, bool alsoAdministrators,
        CancellationToken cancellationToken)
    {
        if (!outbox.IsConfigured)
        {
            return;
        }

        var now = time.GetUtcNow();
        await AddAsync(db, account, actor, news, alsoAdministrators, null, now, cancellationToken);
    }

    /// <summary>
    /// Tells the remaining owner and every administrator that an owner of working accounts leaves. The caller commits.
    /// </summary>
    internal async Task AddOwnerLeftAsync(
        MasterContext db, Actor actor, Guid ownerId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (!outbox.IsConfigured)
        {
            return;
        }

        foreach (var account in await db.Set<ServiceAccount>().AsNoTracking()
            .Where(a => (a.FirstOwnerId == ownerId || a.SecondOwnerId == ownerId) && a.EndedAt == null
                && a.EndsAt > now)
            .OrderBy(a => a.Name).ToListAsync(cancellationToken))
        {
            await AddAsync(db, account, actor, "mail_service_owner_left", true, ownerId, now, cancellationToken);
        }
    }

    private async Task AddAsync(
        MasterContext db, ServiceAccount account, Actor actor, string news, bool alsoAdministrators, Guid? except,
        DateTimeOffset now, CancellationToken cancellationToken)
    {
        var told = new HashSet<Guid> { account.FirstOwnerId, account.SecondOwnerId };
        if (alsoAdministrators)
        {
            told.UnionWith(await TeamLock.AdministratorsAsync(db, now, cancellationToken));
        }

        var what = new Message(news, account.Name).Render(Spanish);
        var subject = new Message("mail_account_subject", what).Render(Spanish);
        foreach (var person in await ServiceAccount.Present(db, now)
            .Where(s => told.Contains(s.Id) && s.Id != except)
            .Select(s => new { s.Id, s.FullName, s.Email }).ToListAsync(cancellationToken))
        {
            var body = new Message(
                "mail_service_body", person.FullName, what, actor.Name, LimaTime.Exact(now, Spanish),
                actor.Address ?? "-").Render(Spanish);
            outbox.Add(
                db, new OutgoingMail(Outbox.StaffNotice, person.Email!, subject, body, now + WorthSending), null,
                person.Id);
        }
    }
}
