using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Core.Staff.Team;

/// <summary>Mail to staff, written in the transaction of its cause. In Spanish, like all mail of the portal.</summary>
internal sealed class StaffMails(Outbox outbox, VigiaSettings settings, TimeProvider time)
{
    private static readonly CultureInfo Spanish = CultureInfo.GetCultureInfo("es-PE");
    private static readonly TimeSpan WorthSending = TimeSpan.FromDays(3);

    /// <summary>Whether links go out by mail. If so, no page shows them.</summary>
    public bool IsConfigured => outbox.IsConfigured;

    /// <summary>
    /// Refuses if mail is configured but the portal's base address is not. A link in a mail must lead to this portal,
    /// whatever host name the requesting person used, so the address comes only from the settings.
    /// </summary>
    /// <exception cref="RuleException"><c>portal_base_url_needed</c>.</exception>
    public void DemandAddress()
    {
        if (IsConfigured && settings.PortalBaseUrl is null)
        {
            throw new RuleException("portal_base_url_needed");
        }
    }

    /// <summary>Sends a link to the person it is for, and to nobody else.</summary>
    public void AddLink(MasterContext db, StaffMember member, string token, DateTimeOffset expiresAt, bool isRecovery)
    {
        DemandAddress();
        var url = new Uri(settings.PortalBaseUrl!, $"{StaffLinks.Path.TrimStart('/')}?token={token}");
        var code = isRecovery ? "mail_staff_recovery" : "mail_staff_invitation";
        var body = new Message($"{code}_body", member.FullName, member.Email!, Lima(expiresAt), url.ToString())
            .Render(Spanish);
        outbox.Add(db, new OutgoingMail(
            Outbox.StaffLink, member.Email!, new Message($"{code}_subject").Render(Spanish), body, expiresAt), null,
            member.Id);
    }

    /// <summary>
    /// Notifies every administrator who can sign in. <paramref name="code"/> is the prefix of the messages
    /// <c>…_subject</c> and <c>…_body</c>; both get <paramref name="args"/>.
    /// </summary>
    public async Task NotifyAdministratorsAsync(
        MasterContext db, string code, string[] args, CancellationToken cancellationToken)
    {
        if (!IsConfigured)
        {
            return;
        }

        var now = time.GetUtcNow();
        var administrators = await TeamLock.AdministratorsAsync(db, now, cancellationToken);
        var (subject, body) =
            (new Message($"{code}_subject", args).Render(Spanish), new Message($"{code}_body", args).Render(Spanish));
        foreach (var administrator in await db.Users.Where(s => administrators.Contains(s.Id))
            .Select(s => new { s.Id, s.Email }).ToListAsync(cancellationToken))
        {
            outbox.Add(
                db, new OutgoingMail(Outbox.StaffNotice, administrator.Email!, subject, body, now + WorthSending),
                null, administrator.Id);
        }
    }

    public static string Lima(DateTimeOffset moment) => LimaTime.Exact(moment, Spanish);
}
