using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Audit;
using Vigia.Core.Configuration;
using Vigia.Core.Errors;
using Vigia.Core.Mail;
using Vigia.Core.Master;
using Vigia.Core.Operations;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;
using Vigia.Core.Text;

namespace Vigia.Core.Isolation;

/// <summary>Keeps proofs: the client's newest, the audit record when something got through, and the mail to the administrators.</summary>
internal sealed class ProofRecords(Outbox outbox, VigiaSettings settings, TimeProvider time)
{
    public const string LetterKind = "isolation_broken";
    private static readonly CultureInfo Spanish = CultureInfo.GetCultureInfo("es-PE");
    private static readonly TimeSpan WorthSending = TimeSpan.FromDays(3);

    /// <summary>Adds the proof to <paramref name="db"/>, in whose transaction the client's row is locked; the caller commits with the entries.</summary>
    /// <returns>What the audit trail has to say.</returns>
    public async Task<IReadOnlyList<AuditEntry>> AddAsync(
        MasterContext db, OperationContext context, Tenant tenant, ProofCause cause, ProofResult result, CancellationToken cancellationToken)
    {
        var before = await db.IsolationProofs.Where(p => p.TenantId == tenant.Id && p.IsLast).Select(p => (IsolationVerdict?)p.Verdict).SingleOrDefaultAsync(cancellationToken);
        await db.IsolationProofs.Where(p => p.TenantId == tenant.Id && p.IsLast).ExecuteUpdateAsync(s => s.SetProperty(p => p.IsLast, false), cancellationToken);
        db.IsolationProofs.Add(new IsolationProof
        {
            TenantId = tenant.Id,
            Ruc = tenant.Ruc,
            Subdomain = tenant.Subdomain,
            OperationId = context.OperationId,
            Cause = cause,
            RoleName = result.RoleName,
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
                    await TellAdministratorsAsync(db, tenant, what, cancellationToken);
                }

                return [Entry("isolation.broken", context, tenant, ("got_through", what), ("cause", cause))];
            case IsolationVerdict.Held or IsolationVerdict.Reported when before == IsolationVerdict.Broken:
                return [Entry("isolation.holds_again", context, tenant, ("cause", cause))];
            default:
                return [];
        }
    }

    private static AuditEntry Entry(string action, OperationContext context, Tenant tenant, params (string Name, object Value)[] after) => new(action)
    {
        TenantId = tenant.Id,
        Ruc = tenant.Ruc,
        Subdomain = tenant.Subdomain,
        OperationId = context.OperationId,
#pragma warning disable CA1308 // Stored values are lower case.
        After = after.ToDictionary(a => a.Name, a => a.Value is Enum ? a.Value.ToString()!.ToLowerInvariant() : a.Value)!,
#pragma warning restore CA1308
    };

    private async Task TellAdministratorsAsync(MasterContext db, Tenant tenant, string what, CancellationToken cancellationToken)
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
            where role.Name == StaffRoles.Administrator && member.DisabledAt == null && (member.AccessEndsAt == null || member.AccessEndsAt > now)
            select new { member.Id, member.Email }).ToListAsync(cancellationToken);
        var name = tenant.LegalName ?? tenant.Subdomain ?? tenant.Id.ToString(CultureInfo.InvariantCulture);
        var page = settings.PortalBaseUrl is { } url ? new Uri(url, $"clientes/{tenant.Id}?seccion=base").ToString() : $"clientes/{tenant.Id}";
        var at = TimeZoneInfo.ConvertTime(now, LimaCalendar.Zone).ToString("d'/'MM'/'yyyy HH:mm", Spanish);
        var (subject, body) = (new Message("mail_isolation_subject", name).Render(Spanish), new Message("mail_isolation_body", name, at, what, page).Render(Spanish));
        foreach (var administrator in administrators.Where(a => a.Email is not null))
        {
            outbox.Add(db, new Letter(LetterKind, administrator.Email!, subject, body, now + WorthSending), tenant.Id, administrator.Id);
        }
    }
}
