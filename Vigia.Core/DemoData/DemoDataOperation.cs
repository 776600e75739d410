using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Audit;
using Vigia.Core.Errors;
using Vigia.Core.Operations;
using Vigia.Core.TenantDatabase;
using Vigia.Core.Text;

namespace Vigia.Core.DemoData;

/// <summary>Fills a demo client's database with fictitious data, or takes it away; each is one transaction there, so a worker that dies leaves all or nothing.</summary>
internal sealed class DemoDataOperation(bool fills, TimeProvider time) : OperationDefinition
{
    public override string Kind => KindOf(fills);

    public static string KindOf(bool fills) => fills ? "fill_demo_data" : "remove_demo_data";

    public override IReadOnlyList<Step> StepsFor(Operation operation) => [new(Kind, RunAsync)];

    private async Task RunAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var tenant = await db.Tenants.AsNoTracking().SingleOrDefaultAsync(t => t.Id == context.TenantId, cancellationToken) ?? throw new NotFoundException("tenant_unknown");
        DemoDataService.Demand(tenant, fills);
        await using (var session = await context.OpenDatabaseAsync(tenant.DatabaseName!, cancellationToken))
        {
            await RunAsync(context, session, cancellationToken);
        }

        await context.CommitAsync(db, [new AuditEntry(fills ? "tenant.demo_data_filled" : "tenant.demo_data_removed")
        {
            TenantId = tenant.Id, Ruc = tenant.Ruc, Subdomain = tenant.Subdomain, OperationId = context.OperationId,
        }], cancellationToken);
    }

    private async Task RunAsync(OperationContext context, NpgsqlConnection session, CancellationToken cancellationToken)
    {
        if (await TenantSchema.GetVersionAsync(session, cancellationToken) != TenantSchema.HeadVersion)
        {
            throw new RuleException("schema_behind");
        }

        if (fills)
        {
            var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(time.GetUtcNow(), LimaCalendar.Zone).DateTime);
            await DemoDataRows.FillAsync(session, context.Actor.Name, today, cancellationToken);
        }
        else if (await DemoDataRows.RemoveAsync(session, context.Actor.Name, cancellationToken) is > 0 and var left)
        {
            await context.ReportAsync(new Message("demo_data_left", left.ToString(System.Globalization.CultureInfo.InvariantCulture)), cancellationToken);
        }
    }
}
