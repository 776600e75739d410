using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Isolation;

/// <summary>
/// Stores proofs: marks the tenant's newest, writes an audit record when something got through, and mails the
/// administrators.
/// </summary>
internal sealed class ProofRecords(AdministratorMails mails, VigiaSettings settings, TimeProvider time)
{
    public const string MailKind = "isolation_broken";

    /// <summary>How long a proof is kept that held and is not the last one. See docs/rules.md#history.</summary>
    public static readonly TimeSpan HeldKept = TimeSpan.FromDays(7);

    private static readonly CultureInfo Spanish = CultureInfo.GetCultureInfo("es-PE");

    /// <summary>
    /// Adds the proof to <paramref name="db"/>, whose transaction has locked the tenant's row; the caller commits it
    /// with the returned entries.
    /// </summary>
    /// <returns>The audit records.</returns>
    public async Task<IReadOnlyList<AuditEntry>> AddAsync(
        MasterContext db, OperationContext context, Tenant tenant, ProofCause cause, ProofResult result,
        CancellationToken cancellationToken)
    {
        var before = await db.Set<IsolationProof>().Where(p => p.DatabaseId == result.Credential.DatabaseId && p.IsLast)
            .Select(p => (IsolationVerdict?)p.Verdict).SingleOrDefaultAsync(cancellationToken);
        await db.Set<IsolationProof>().Where(p => p.DatabaseId == result.Credential.DatabaseId && p.IsLast)
            .ExecuteUpdateAsync(s => s.SetProperty(p => p.IsLast, false), cancellationToken);
        db.Set<IsolationProof>().Add(new IsolationProof
        {
            DatabaseId = result.Credential.DatabaseId,
            CredentialId = result.Credential.Id,
            TenantId = tenant.Id,
            Ruc = tenant.Ruc,
            Subdomain = tenant.Subdomain,
            OperationId = context.OperationId,
            Cause = cause,
            RoleName = result.Credential.RoleName,
            StartedAt = result.StartedAt,
            FinishedAt = time.GetUtcNow(),
            Verdict = result.Verdict,
            Attempts = result.Attempts,
            IsLast = true,
        });
        switch (result.Verdict)
        {
            case IsolationVerdict.Broken:
                var what = IsolationVerdicts.Name(result.Attempts);
                if (cause == ProofCause.Nightly || before != IsolationVerdict.Broken)
                {
                    await NotifyAdministratorsAsync(db, tenant, what, cancellationToken);
                }

                return [Entry("isolation.broken", context, tenant, ("got_through", what), ("cause", cause))];
            case IsolationVerdict.Held or IsolationVerdict.Reported or IsolationVerdict.Cleanup
                when before == IsolationVerdict.Broken:
                return [Entry("isolation.holds_again", context, tenant, ("cause", cause))];
            default:
                return [];
        }
    }

    private static AuditEntry Entry(
        string action, OperationContext context, Tenant tenant, params (string Name, object Value)[] after) =>
        new(action)
        {
            TenantId = tenant.Id,
            Ruc = tenant.Ruc,
            Subdomain = tenant.Subdomain,
            OperationId = context.OperationId,
#pragma warning disable CA1308 // Stored values are lower case.
            After = after.ToDictionary(
            a => a.Name, a => a.Value is Enum ? a.Value.ToString()!.ToLowerInvariant() : a.Value)!,
#pragma warning restore CA1308
        };

    private async Task NotifyAdministratorsAsync(
        MasterContext db, Tenant tenant, string what, CancellationToken cancellationToken)
    {
        var name = tenant.LegalName ?? tenant.Subdomain ?? tenant.Id.ToString(CultureInfo.InvariantCulture);
        var page = settings.PortalBaseUrl is { } url ? new Uri(url, $"clientes/{tenant.Id}?seccion=base")
            .ToString() : $"clientes/{tenant.Id}";
        var at = LimaTime.Exact(time.GetUtcNow(), Spanish);
        var (subject, body) =
            (new Message("mail_isolation_subject", name).Render(Spanish),
            new Message("mail_isolation_body", name, at, what, page).Render(Spanish));
        await mails.AddAsync(db, MailKind, subject, body, cancellationToken, tenant.Id);
    }

    /// <summary>
    /// Removes old proofs, but never the last one of a database that still exists. Proofs that held say the same every
    /// night, so they are kept for a shorter time than those that found something.
    /// </summary>
    internal static Task<int> PruneAsync(
        MasterContext db, DateTimeOffset now, int most, CancellationToken cancellationToken) =>
        db.Set<IsolationProof>()
            .Where(p => (p.FinishedAt < now - PruneHistory.Kept
                || (p.FinishedAt < now - HeldKept && p.Verdict == IsolationVerdict.Held))
                && !(p.IsLast && db.Set<ManagedDatabase>().Any(d => d.Id == p.DatabaseId)))
            .Take(most).ExecuteDeleteAsync(cancellationToken);
}
