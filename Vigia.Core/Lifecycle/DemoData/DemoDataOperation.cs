using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.Lifecycle.DemoData;

/// <summary>
/// Fills a demo tenant's database with demonstration data, or removes it. Each is one transaction in that database, so
/// a worker that dies leaves all or nothing.
/// </summary>
internal sealed class DemoDataOperation(
    bool fills, TenantSchemaVersions versions, TenantContentCounter counter, TimeProvider time) : OperationDefinition
{
    public override OperationKind Kind => KindOf(fills);

    public override string Right => (fills ? TenantAction.FillDemoData : TenantAction.RemoveDemoData).Right;

    public static OperationKind KindOf(bool fills) =>
        (fills ? TenantAction.FillDemoData : TenantAction.RemoveDemoData).OperationKind!.Value;

    public override IReadOnlyList<Step> StepsFor(Operation operation) => [new(Kind.Code, RunAsync)];

    private async Task RunAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var tenant = await db.Set<Tenant>().AsNoTracking()
            .SingleOrDefaultAsync(t => t.Id == context.TenantId, cancellationToken)
            ?? throw new NotFoundException("tenant_unknown");
        await DemoDataService.DemandAsync(db, tenant, fills, cancellationToken);
        await using (var session = await context.OpenTenantDatabaseAsync(cancellationToken))
        {
            await RunAsync(context, session, cancellationToken);
        }

        await context.CommitAsync(db, [new AuditEntry(fills ? "tenant.demo_data_filled" : "tenant.demo_data_removed")
        {
            TenantId = tenant.Id, Ruc = tenant.Ruc, Subdomain = tenant.Subdomain, OperationId = context.OperationId,
        }], cancellationToken);

        // Pages show what was counted last. When it can't be counted now, the next round does.
        if (await counter.CountAsync(tenant.Id, cancellationToken) is null)
        {
            await db.Set<StoredContent>().Where(c => c.TenantId == tenant.Id)
                .ExecuteUpdateAsync(c => c.SetProperty(x => x.DueAt, time.GetUtcNow()), cancellationToken);
        }
    }

    private async Task RunAsync(OperationContext context, NpgsqlConnection session, CancellationToken cancellationToken)
    {
        if (await versions.ReadAsync(session, cancellationToken) != versions.Head)
        {
            throw new RuleException("schema_behind");
        }

        if (fills)
        {
            var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(time.GetUtcNow(), LimaTime.Zone).DateTime);
            await DemoDataRows.FillAsync(session, context.Actor.Name, today, cancellationToken);
        }
        else if (await DemoDataRows.RemoveAsync(session, context.Actor.Name, cancellationToken) is > 0 and var left)
        {
            await context.ReportAsync(
                new Message("demo_data_left", left.ToString(System.Globalization.CultureInfo.InvariantCulture)),
                cancellationToken);
        }
    }
}
