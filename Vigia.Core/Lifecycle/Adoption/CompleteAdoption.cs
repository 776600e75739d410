using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Adoption;

/// <summary>
/// Completes a confirmed adoption: adds the triggers of audit and limits to the tables that were there before, counts
/// what the limits count, and applies the limits. Rows and columns stay as they are.
/// </summary>
internal sealed class CompleteAdoption(AdoptionContent content, TimeProvider time) : OperationDefinition
{
    public static readonly OperationKind KindName = TenantAction.CompleteAdoption.OperationKind!.Value;

    // The functions of the triggers write into these tables with the portal's rights.
    private static readonly string[] WrittenByTriggers = ["audit_log", "tenant_limits", "tenant_usage", "user_roles"];

    private static readonly (string Table, string Limit, string Sql)[] Counted =
    [
        ("users", "max_usuarios", "'-infinity'::date, (SELECT count(*) FROM public.users WHERE is_active)"),
        ("establecimientos", "max_establecimientos",
            "'-infinity'::date, (SELECT count(*) FROM public.establecimientos WHERE is_active)"),
        ("comprobantes", "max_comprobantes",
            "date_trunc('month', now() AT TIME ZONE 'America/Lima')::date, (SELECT count(*) FROM public.comprobantes "
            + "WHERE estado::text <> 'borrador' AND periodo = date_trunc('month', now() AT TIME ZONE 'America/Lima'))"),
    ];

    public override OperationKind Kind => KindName;

    public override string Right => TenantAction.CompleteAdoption.Right;

    public override IReadOnlyList<Step> StepsFor(Operation operation) =>
    [
        new("add_triggers", AddTriggersAsync),
        new("record_completion", RecordAsync),
    ];

    private async Task AddTriggersAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (await FindAsync(context, cancellationToken) is not { } adoption)
        {
            return;
        }

        var (before, made) = (AdoptionBefore.Of(adoption), MadeObjects.Of(adoption));
        await using var session = await content.OpenAsync(context, cancellationToken);
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        await AdoptionContent.DemandNoForeignCodeAsync(session, cancellationToken);
        made.DemandOurs(
            TenantBlueprint.Head, before.Schema, await SchemaReader.ReadAsync(session, cancellationToken));

        // The counted rows must not change before the triggers count them, and nobody changes a table that is written.
        await SchemaDdl.LockAsync(session, TenantBlueprint.Head.Tables
            .Where(t => t.Triggers.Count > 0 || WrittenByTriggers.Contains(t.Name))
            .Select(t => (t.Name, TableLock.ShareRowExclusive)), cancellationToken);
        var found = await SchemaReader.ReadAsync(session, cancellationToken);
        made.DemandOurs(TenantBlueprint.Head, before.Schema, found);
        AdoptionRules.DemandNoHiddenCode(found);
        var plan = new AdoptionPlan(TenantBlueprint.Head, before.Schema, found);
        AdoptionRules.DemandPlain(plan, WrittenByTriggers);
        made = made.Plan(found,
        [
            .. plan.MissingFunctions.Select(MadeObject.Of),
            .. plan.TriggersLater.Select(t => MadeObject.Of(t.Table, t.Trigger)),
        ]);
        await AdoptionContent.StoreAsync(context, adoption, made, cancellationToken);
        await SchemaDdl.ExecuteAsync(
            session, plan.MissingFunctions.SelectMany(SchemaDdl.CreateFunction), cancellationToken);
        await CountAsync(session, plan, cancellationToken);
        await SchemaDdl.ExecuteAsync(
            session, plan.TriggersLater.SelectMany(t => SchemaDdl.CreateTrigger(t.Table, t.Trigger)),
            cancellationToken);
        await AdoptionContent.StoreMadeAsync(context, adoption, made, session, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task RecordAsync(OperationContext context, CancellationToken cancellationToken)
    {
        while (await FindAsync(context, cancellationToken) is { } adoption)
        {
            Tenant seen;
            await using (var db = await context.OpenMasterAsync(cancellationToken))
            {
                seen = await db.Set<Tenant>().AsNoTracking()
                    .SingleAsync(t => t.Id == context.TenantId, cancellationToken);
            }

            await using (var session = await content.OpenAsync(context, cancellationToken))
            {
                await content.TryWriteLimitsAsync(session, adoption, seen, cancellationToken, completing: true);
            }

            if (await TryRecordAsync(context, seen, cancellationToken))
            {
                return;
            }
        }
    }

    // Returns false when the limits were changed in the meantime.
    private async Task<bool> TryRecordAsync(
        OperationContext context, Tenant seen, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await LockAsync(db, context, cancellationToken) is not var (tenant, adoption))
        {
            return true;
        }

        if (tenant.LimitsRevision != seen.LimitsRevision)
        {
            return false;
        }

        adoption.CompletedAt = time.GetUtcNow();
        tenant.ConfirmLimitsApplied();
        await context.CommitAsync(db, [new AuditEntry("tenant.adoption_completed")
        {
            TenantId = tenant.Id,
            Ruc = tenant.Ruc,
            Subdomain = tenant.Subdomain,
            OperationId = context.OperationId,
            After = new Dictionary<string, object?> { ["db_name"] = adoption.DatabaseName },
        }], cancellationToken);
        return true;
    }

    private async Task<TenantAdoption?> FindAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        return (await LockAsync(db, context, cancellationToken))?.Adoption;
    }

    // Null when it is completed already.
    private async Task<(Tenant Tenant, TenantAdoption Adoption)?> LockAsync(
        MasterContext db, OperationContext context, CancellationToken cancellationToken)
    {
        var locked = await LockedTenant.LockAsync(db, context.TenantId, cancellationToken);
        var adoption = await Adoptions.FindAsync(db, context.TenantId, cancellationToken);
        if (locked is not { Registered: { } tenant, Trashed: null } || adoption is null
            || adoption.Id != context.Data<AdoptionFollowUpData>().AdoptionId)
        {
            throw new RuleException("operation_overtaken");
        }

        if (adoption.CompletedAt is not null)
        {
            return null;
        }

        AdoptionStages.DemandCompletable(tenant, adoption.StageAt(time.GetUtcNow()));
        return (tenant, adoption);
    }

    // Only for a table whose counting begins now. The other tables are counted already.
    private static async Task CountAsync(
        NpgsqlConnection session, AdoptionPlan plan, CancellationToken cancellationToken)
    {
        await MasterDatabase.ExecuteAsync(
            session, "INSERT INTO public.tenant_limits (id) SELECT true "
            + "WHERE NOT EXISTS (SELECT FROM public.tenant_limits)", cancellationToken);
        foreach (var (table, limit, sql) in Counted.Where(
            c => plan.TriggersLater.Any(t => t.Table == c.Table && t.Trigger.Name.Contains("_count_insert",
                StringComparison.Ordinal))))
        {
            await MasterDatabase.ExecuteAsync(
                session, $"INSERT INTO public.tenant_usage (limite, periodo, usado) SELECT {SqlLiteral.Quote(limit)}, "
                + $"{sql} ON CONFLICT (limite, periodo) DO UPDATE SET usado = EXCLUDED.usado", cancellationToken);
        }
    }
}
