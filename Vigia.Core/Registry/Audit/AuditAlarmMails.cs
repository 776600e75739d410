using System.Globalization;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Audit;

/// <summary>The mail that tells every administrator that the audit trail is broken.</summary>
public sealed class AuditAlarmMails(AdministratorMails mails, VigiaSettings settings, TimeProvider time)
{
    public const string MailKind = "audit_broken";

    private static readonly CultureInfo Spanish = CultureInfo.GetCultureInfo("es-PE");

    /// <summary>Adds the mails. The caller commits.</summary>
    public Task AddAsync(MasterContext db, AuditVerdict verdict, CancellationToken cancellationToken)
    {
        var at = LimaTime.Exact(time.GetUtcNow(), Spanish);
        var page = settings.PortalBaseUrl is { } url ? new Uri(url, "auditoria").ToString() : "/auditoria";
        var found = string.Join(
            '\n', verdict.Findings.Select(
            finding => $"{finding.Seq.ToString("N0", Spanish)}: {finding.Why.Render(Spanish)}"));
        var body = new Message("mail_audit_body", at, verdict.Broken.ToString("N0", Spanish), found, page)
            .Render(Spanish);
        return mails.AddAsync(
            db, MailKind, new Message("mail_audit_subject").Render(Spanish), body, cancellationToken);
    }
}
