using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Vigia.Core.Audit;
using Vigia.Core.Configuration;
using Vigia.Core.Errors;
using Vigia.Core.Mail;
using Vigia.Core.Master;
using Vigia.Core.Operations;
using Vigia.Core.Provisioning;
using Vigia.Core.Staff;
using Vigia.Core.Text;

namespace Vigia.Core.Tenants;

/// <summary>Changes what may be changed of a client; RUC, sub-domain and database name may not.</summary>
public sealed class TenantEditing(
    IDbContextFactory<MasterContext> contexts, OperationQueue queue, AuditTrail audit, IOptions<DemoOptions> demo, TimeProvider time)
{
    private static readonly TenantDetailsValidator Rules = new();

    /// <summary>Writes the fields in which <paramref name="wanted"/> differs from <paramref name="seen"/>; the others stay as whoever else left them.</summary>
    /// <param name="actor">Who changes.</param>
    /// <param name="tenantId">The client.</param>
    /// <param name="seen">What the person had on the screen.</param>
    /// <param name="wanted">What the person wants.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>The names of the fields that were changed; none when nothing had to be.</returns>
    /// <exception cref="InvalidInputException">A changed field breaks its rule. Untouched ones of an adopted row are not asked about.</exception>
    /// <exception cref="ChangedMeanwhileException">Somebody else changed the same field; says which, who and when. Nothing was written.</exception>
    public Task<IReadOnlyList<string>> UpdateAsync(Actor actor, int tenantId, TenantDetails seen, TenantDetails wanted, CancellationToken cancellationToken) =>
        UpdateAsync(actor, tenantId, null, seen, wanted, cancellationToken);

    /// <summary>Like the other overload, if the row still has this <paramref name="version"/>; null for whichever it has.</summary>
    /// <exception cref="RuleException"><c>version_differs</c>: the row is another one by now.</exception>
    public async Task<IReadOnlyList<string>> UpdateAsync(
        Actor actor, int tenantId, uint? version, TenantDetails seen, TenantDetails wanted, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsUpdate);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await TenantRow.LockAsync(db, tenantId, cancellationToken);
        if (version is { } expected && tenant.Version != expected)
        {
            throw new RuleException("version_differs");
        }

        if (tenant.State == TenantState.Deleting)
        {
            throw new RuleException("not_ready");
        }

        var before = TenantDetails.Of(tenant);
        var asked = TenantField.All.Where(f => !f.IsSame(seen, wanted)).ToList();
        Demand(wanted, asked);
        if (asked.Any(f => f.Name == "plan"))
        {
            await TenantRegistration.DemandPlanAsync(db, wanted.Plan, cancellationToken);
        }

        var conflicts = asked.Where(f => !f.IsSame(seen, before) && !f.IsSame(wanted, before)).ToList();
        if (conflicts.Count > 0)
        {
            throw await ChangedMeanwhileException.ForAsync(db, tenantId, conflicts, before, cancellationToken);
        }

        var changed = asked.Where(f => !f.IsSame(wanted, before)).ToList();
        if (changed.Count == 0)
        {
            return [];
        }

        changed.ForEach(field => field.Write(tenant, wanted));
        await ConsequencesAsync(db, actor, tenant, changed, cancellationToken);
        await audit.CommitAsync(db, actor, new AuditEntry("tenant.updated")
        {
            TenantId = tenant.Id,
            Ruc = tenant.Ruc,
            Subdomain = tenant.Subdomain,
            Before = changed.ToDictionary(f => f.Name, f => f.Audited(before)),
            After = changed.ToDictionary(f => f.Name, f => f.Audited(wanted)),
        }, cancellationToken);
        return [.. changed.Select(f => f.Name)];
    }

    private static void Demand(TenantDetails wanted, List<TenantField> asked)
    {
        var problems = Rules.Validate(wanted).Messages().Where(p => asked.Any(f => f.Name == p.Key)).ToDictionary(p => p.Key, p => p.Value);
        if (problems.Count > 0)
        {
            throw new InvalidInputException(problems);
        }
    }

    private async Task ConsequencesAsync(MasterContext db, Actor actor, Tenant tenant, List<TenantField> changed, CancellationToken cancellationToken)
    {
        if (changed.Any(f => f.Name == "entorno"))
        {
            tenant.ExpiresAt = tenant.Environment == TenantEnvironments.Demo ? LimaCalendar.EndOfDayAfter(time.GetUtcNow(), demo.Value.Days) : null;
        }

        if (changed.Any(f => f.IsLimit))
        {
            tenant.LimitsRevision++;
            await EnqueueOnceAsync(db, actor, tenant, ApplyLimits.KindName, cancellationToken);
        }

        // Until the first administrator has set a password, the account and its invitation go with the address (facts 7.17).
        if (changed.Any(f => f.Name == "correo_acceso") && !await db.Invitations.AnyAsync(i => i.TenantId == tenant.Id && i.UsedAt != null, cancellationToken))
        {
            await db.Invitations.Where(i => i.TenantId == tenant.Id && i.RevokedAt == null)
                .ExecuteUpdateAsync(s => s.SetProperty(i => i.SentTo, tenant.AccessEmail), cancellationToken);
            await Outbox.RedirectAsync(db, tenant.Id, tenant.AccessEmail!, cancellationToken);
            await EnqueueOnceAsync(db, actor, tenant, MoveFirstAdmin.KindName, cancellationToken);
        }
    }

    // One in the queue reads the newest row when it runs. It is locked until we commit, so that no worker starts it before the change is there.
    private async Task EnqueueOnceAsync(MasterContext db, Actor actor, Tenant tenant, string kind, CancellationToken cancellationToken)
    {
        if (tenant.State != TenantState.Ready)
        {
            return;
        }

        var queued = await db.Operations.FromSql($"SELECT * FROM portal.operations WHERE tenant_id = {tenant.Id} AND kind = {kind} AND state IN ('queued', 'waiting') FOR UPDATE")
            .AsNoTracking().AnyAsync(cancellationToken);
        if (!queued)
        {
            queue.Enqueue(db, actor, kind, tenant);
        }
    }
}

/// <summary>The second of two editors of one field (architecture section 3). Nothing was written.</summary>
/// <param name="reason">Which fields, by whom, when.</param>
/// <param name="fields">The fields' names with the values they have now.</param>
public sealed class ChangedMeanwhileException(Message reason, IReadOnlyDictionary<string, object?> fields) : RuleException(reason)
{
    /// <summary>The present values by the HTTP API's field names.</summary>
    public IReadOnlyDictionary<string, object?> Fields { get; } = fields;

    internal static async Task<ChangedMeanwhileException> ForAsync(
        MasterContext db, int tenantId, List<TenantField> conflicts, TenantDetails now, CancellationToken cancellationToken)
    {
        var names = conflicts.Select(f => f.Name).ToList();
        var updates = await db.AuditEvents.AsNoTracking().Where(e => e.TenantId == tenantId && e.Action == "tenant.updated")
            .OrderByDescending(e => e.Seq).Take(50).Select(e => new { e.ActorName, e.At, e.After }).ToListAsync(cancellationToken);
        var last = updates.FirstOrDefault(u => names.Exists(name => u.After?.Contains($"\"{name}\":", StringComparison.Ordinal) == true));
        var at = last is null ? "" : TimeZoneInfo.ConvertTime(last.At, LimaCalendar.Zone).ToString("d/MM/yyyy HH:mm", CultureInfo.InvariantCulture);
        var message = last is null
            ? new Message("changed_meanwhile_outside", Errors.Message.FieldsArgument(names))
            : new Message("changed_meanwhile", Errors.Message.FieldsArgument(names), last.ActorName, at);
        return new ChangedMeanwhileException(message, conflicts.ToDictionary(f => f.Name, f => f.Read(now)));
    }
}
