using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.AuditWatch;

/// <summary>Sends the signed head out of the database: to the log, to the folder, and by mail.</summary>
// More than five dependencies: one head goes to two places, the folder and the mail, and both have to say the same.
public sealed partial class AuditHeadExport(
    IDbContextFactory<MasterContext> contexts, AuditStanding standing, AuditHeadFolder folder,
    AdministratorMails mails, IOptions<AuditOptions> options, ILogger<AuditHeadExport> logger)
{
    public const string MailKind = "audit_head";

    private static readonly CultureInfo Spanish = CultureInfo.GetCultureInfo("es-PE");

    /// <summary>Exports the present head.</summary>
    /// <returns>The exported head. Null when the portal did not sign the head. Such a head is never exported.</returns>
    /// <exception cref="RuleException"><c>audit_export_failed</c>: the folder can't be written to.</exception>
    public async Task<AuditHeadOfChain?> ExportAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var (head, problem) = await standing.CheckAsync(db, cancellationToken);
        if (problem is not null || head is null || standing.Open(head) is not { } keys)
        {
            return null;
        }

        LogExported(logger, head.Chain, head.ChainId, head.Seq, Convert.ToHexString(head.Hash),
            Convert.ToBase64String(head.Signature!), keys.Fingerprint);
        await SendAsync(db, head, keys, cancellationToken);
        Write(head, keys);
        standing.Remember(head);
        return AuditHeadOfChain.Of(head);
    }

    private void Write(AuditHead head, AuditKeys keys)
    {
        try
        {
            folder.Write(head, keys);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // RuleException is not transient: an automatic retry would send the mail again.
            throw new RuleException("audit_export_failed", folder.Folder!, e.Message);
        }
    }

    private async Task SendAsync(MasterContext db, AuditHead head, AuditKeys keys, CancellationToken cancellationToken)
    {
        if (options.Value.SendsToNobody)
        {
            return;
        }

        var subject = new Message("mail_audit_head_subject", head.Seq.ToString("N0", Spanish)).Render(Spanish);
        var body = new Message(
            "mail_audit_head_body", Encoding.ASCII.GetString(head.Statement()), Convert.ToBase64String(head.Signature!),
            keys.Fingerprint, AuditHeadFolder.Pem(keys.PublicKey)).Render(Spanish);
        if (options.Value.Addresses is { Count: > 0 } addresses)
        {
            foreach (var address in addresses)
            {
                mails.AddTo(db, address, MailKind, subject, body);
            }
        }
        else
        {
            await mails.AddAsync(db, MailKind, subject, body, cancellationToken);
        }

        await db.SaveChangesAsync(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Information,
        Message = "Signed audit head: chain {AuditChain} {AuditChainId} seq {AuditSeq} hash {AuditHash} "
            + "signature {AuditSignature} key {AuditKey}")]
    private static partial void LogExported(
        ILogger logger, int auditChain, Guid auditChainId, long auditSeq, string auditHash, string auditSignature,
        string auditKey);
}
