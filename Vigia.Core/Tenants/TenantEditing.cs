using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Limits;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Tenants;

/// <summary>Changes the editable fields of a tenant. RUC, sub-domain and database name can't be edited.</summary>
public sealed class TenantEditing(
    TenantChanges changes, TenantFollowUps followUps, Outbox outbox, IOptions<DemoOptions> demo, TimeProvider time)
{
    private static readonly TenantDetailsValidator Rules = new();

    /// <summary>The kinds of the operations that follow an edit.</summary>
    public static IReadOnlyList<OperationKind> FollowUpKinds { get; } =
        [ApplyLimitsOperation.KindName, MoveFirstAdmin.KindName];

    /// <summary>
    /// Writes the fields in which <paramref name="wanted"/> differs from <paramref name="seen"/>. The other fields keep
    /// what somebody else may have written. <paramref name="seen"/> is what the person had on the screen, read from
    /// this tenant's row.
    /// </summary>
    /// <returns>The names of the fields that changed; empty when nothing had to.</returns>
    /// <exception cref="ArgumentException">
    /// <paramref name="seen"/> or <paramref name="wanted"/> was read from another tenant's row. Nothing was written.
    /// </exception>
    /// <exception cref="InvalidInputException">
    /// A changed field breaks its rule. Unchanged fields are not checked, because an adopted row may break rules.
    /// </exception>
    /// <exception cref="ChangedMeanwhileException">
    /// Somebody else changed the same field; the message says which, who and when. Nothing was written.
    /// </exception>
    /// <exception cref="RuleException">
    /// <c>production_is_final</c>: the tenant was ready in production, or that can't be ruled out.
    /// <c>use_conversion</c>: only <see cref="TenantConversion"/> makes a demo that has a database a production tenant.
    /// <c>version_differs</c>: the actor demands another version of the row.
    /// </exception>
    public async Task<IReadOnlyList<string>> UpdateAsync(
        Actor actor, int tenantId, TenantDetails seen, TenantDetails wanted, CancellationToken cancellationToken)
    {
        actor.Demand(TenantAction.Edit.Right);
        DemandOneTenant(tenantId, seen, wanted);
        return await changes.ChangeAsync(
            actor, tenantId, TenantAction.Edit,
            (db, tenant, token) => UpdateAsync(db, actor, tenant, seen, wanted, token), null, cancellationToken);
    }

    private async Task<TenantChange<IReadOnlyList<string>>> UpdateAsync(
        MasterContext db, Actor actor, Tenant tenant, TenantDetails seen, TenantDetails wanted,
        CancellationToken cancellationToken)
    {
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
            throw await ChangedMeanwhileException.ForAsync(db, tenant.Id, conflicts, before, cancellationToken);
        }

        var changed = asked.Where(f => !f.IsSame(wanted, before)).ToList();
        if (changed.Count == 0)
        {
            return new TenantChange<IReadOnlyList<string>>([], null);
        }

        if (changed.Any(f => f.Name == "entorno"))
        {
            await DemandEnvironmentAsync(db, tenant, wanted.Environment, cancellationToken);
        }

        changed.ForEach(field => field.Write(tenant, wanted));
        await ConsequencesAsync(db, actor, tenant, changed, cancellationToken);
        var record = new AuditEntry("tenant.updated")
        {
            Before = changed.ToDictionary(f => f.Name, f => f.Audited(before)),
            After = changed.ToDictionary(f => f.Name, f => f.Audited(wanted)),
        };
        return new TenantChange<IReadOnlyList<string>>([.. changed.Select(f => f.Name)], record);
    }

    // Before a tenant has been ready for the first time, entorno can be changed like any other field. Afterwards it
    // decides about duties, and production is final.
    private static async Task DemandEnvironmentAsync(
        MasterContext db, Tenant tenant, string? wanted, CancellationToken cancellationToken)
    {
        if (wanted == TenantEnvironments.Demo && await ProductionDuty.AppliesAsync(db, tenant, cancellationToken))
        {
            throw new RuleException("production_is_final");
        }

        if (tenant.Environment == TenantEnvironments.Demo && !ProductionDuty.WasNeverReady(tenant))
        {
            throw new RuleException("use_conversion");
        }
    }

    // Two tenants often have equal values, so the comparison with the seen values does not detect that a form belongs
    // to another tenant.
    private static void DemandOneTenant(int tenantId, TenantDetails seen, TenantDetails wanted)
    {
        if (seen.TenantId != tenantId || (wanted.TenantId is { } other && other != tenantId))
        {
            throw new ArgumentException(
                $"The values of tenant {wanted.TenantId ?? seen.TenantId} can't be written to tenant {tenantId}.",
                nameof(tenantId));
        }
    }

    private static void Demand(TenantDetails wanted, List<TenantField> asked)
    {
        var problems = Rules.Validate(wanted).Messages().Where(p => asked.Any(f => f.Name == p.Key))
            .ToDictionary(p => p.Key, p => p.Value);
        if (problems.Count > 0)
        {
            throw new InvalidInputException(problems);
        }
    }

    private async Task ConsequencesAsync(
        MasterContext db, Actor actor, Tenant tenant, List<TenantField> changed, CancellationToken cancellationToken)
    {
        if (changed.Any(f => f.Name == "entorno"))
        {
            var now = time.GetUtcNow();
            tenant.SetEnd(tenant.Environment == TenantEnvironments.Demo
                ? LimaTime.EndOfDayAfter(now, demo.Value.Days) : null, now);
        }

        if (changed.Any(f => f.IsLimit))
        {
            tenant.RaiseLimitsRevision();
            await followUps.EnqueueOnceAsync(db, actor, tenant, ApplyLimitsOperation.KindName, cancellationToken);
        }

        // Until an invitation is used, the account follows the address. See docs/rules.md#access-address.
        if (changed.Any(f => f.Name == "correo_acceso")
            && !await db.Set<TenantInvitation>()
            .AnyAsync(i => i.TenantId == tenant.Id && i.UsedAt != null, cancellationToken))
        {
            await db.Set<TenantInvitation>().Where(i => i.TenantId == tenant.Id && i.RevokedAt == null)
                .ExecuteUpdateAsync(s => s.SetProperty(i => i.SentTo, tenant.AccessEmail), cancellationToken);
            await outbox.RedirectAsync(db, tenant.Id, tenant.AccessEmail!, cancellationToken);
            await followUps.EnqueueOnceAsync(db, actor, tenant, MoveFirstAdmin.KindName, cancellationToken);
        }
    }
}

/// <summary>Another person changed the same field first. See docs/rules.md#edit-conflicts.</summary>
/// <param name="reason">The error to return. It names the fields, the person and the moment.</param>
/// <param name="fields">The fields' names with their present values.</param>
public sealed class ChangedMeanwhileException(Message reason, IReadOnlyDictionary<string, object?> fields)
    : RuleException(reason)
{
    /// <summary>The present values, by field names of the HTTP API.</summary>
    public IReadOnlyDictionary<string, object?> Fields { get; } = fields;

    internal static async Task<ChangedMeanwhileException> ForAsync(
        MasterContext db, int tenantId, List<TenantField> conflicts, TenantDetails now,
        CancellationToken cancellationToken)
    {
        var names = conflicts.Select(f => f.Name).ToList();
        var updates = await db.Set<AuditEvent>().AsNoTracking()
            .Where(e => e.TenantId == tenantId && e.Action == "tenant.updated")
            .OrderByDescending(e => e.Seq).Take(50).Select(e => new { e.ActorName, e.At, e.After })
                .ToListAsync(cancellationToken);
        var last = updates.FirstOrDefault(
            u => names.Exists(name => u.After?.Contains($"\"{name}\":", StringComparison.Ordinal) == true));
        var at = last is null ? "" : LimaTime.Argument(last.At);
        var message = last is null
            ? new Message("changed_meanwhile_outside", Foundation.Errors.Message.FieldsArgument(names))
            : new Message("changed_meanwhile", Foundation.Errors.Message.FieldsArgument(names), last.ActorName, at);
        return new ChangedMeanwhileException(message, conflicts.ToDictionary(f => f.Name, f => f.Read(now)));
    }
}
