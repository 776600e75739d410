using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Registry.Audit;

/// <summary>The records of an operation on many tenants are one row of the list.</summary>
public sealed class AuditFoldTests(PostgresServer server) : CoreTestBase(server)
{
    private AuditReader Reader => Host.Get<AuditReader>();

    [Fact]
    public async Task Suspension_OfManyTenants_IsOneRowThatSaysHowMany()
    {
        var chosen = await Host.AddActiveAsync(30);
        var operation = await Host.Get<TenantBulk>().StartAsync(
            Host.Support, new TenantBulkRequest(Suspends: true, "seguridad", "incidente 12"), chosen, Cancellation);
        await Host.EndOfAsync(operation);

        var page = await ListAsync(new AuditFilter { Action = "tenant.suspended", IsFolded = true });
        var each = await ListAsync(
            new AuditFilter { Action = "tenant.suspended", OperationId = operation, IsFolded = true });

        Assert.Equal(new AuditFold(30, operation, HasChildren: false), page.Folds[Assert.Single(page.Items).Seq]);
        Assert.Equal(30, page.Total);
        Assert.Equal((30, 0), (each.Items.Count, each.Folds.Count));
        Assert.Equal(30, (await ListAsync(new AuditFilter { Action = "tenant.suspended" })).Items.Count);
        Assert.Equal(
            Assert.Single((await ListAsync(new AuditFilter { TenantId = chosen[3] })).Items).TenantId, chosen[3]);
    }

    // Other records lie between, and each tenant has an operation of its own.
    [Fact]
    public async Task Upgrade_OfManyTenants_FoldsOverOtherRecordsInBothDirections()
    {
        var root = Guid.CreateVersion7();
        await AddOperationAsync(root, null);
        for (var i = 1; i <= 40; i++)
        {
            var child = Guid.CreateVersion7();
            await AddOperationAsync(child, root);
            await WriteAsync(new AuditEntry("tenant.schema_migrated") { TenantId = i, OperationId = child });
            await WriteAsync(new AuditEntry("test.other") { TenantId = 1_000 + i, OperationId = Guid.NewGuid() });
        }

        var first = await Reader.ListAsync(Host.Admin, new AuditFilter { IsFolded = true }, 1, 25, Cancellation);
        var next = await Reader.ListAsync(
            Host.Admin, new AuditFilter { IsFolded = true }, 2, 25, Cancellation,
            new(first.Items[^1].Seq, Before: false));
        var back = await Reader.ListAsync(
            Host.Admin, new AuditFilter { IsFolded = true }, 1, 25, Cancellation, new(next.Items[0].Seq, Before: true));

        var shown = first.Items.Concat(next.Items).Where(e => e.Action == "tenant.schema_migrated").ToList();
        Assert.Equal(new AuditFold(40, root, HasChildren: true), first.Folds[Assert.Single(shown).Seq]);
        Assert.Equal(40, first.Items.Concat(next.Items).Count(e => e.Action == "test.other"));
        Assert.Equal(first.Items.Select(e => e.Seq), back.Items.Select(e => e.Seq));
    }

    [Fact]
    public async Task Records_OfOneTenant_OrOutsideTheDays_AreNotFoldedAway()
    {
        var operation = Guid.NewGuid();
        await WriteAsync(new AuditEntry("tenant.suspended") { TenantId = 1, OperationId = operation });
        var midnight = DateTimeOffset.UtcNow;
        await WriteAsync(new AuditEntry("tenant.suspended") { TenantId = 2, OperationId = operation });
        await WriteAsync(new AuditEntry("operation.retried") { TenantId = 3, OperationId = operation });
        await WriteAsync(new AuditEntry("operation.retried") { TenantId = 3, OperationId = operation });

        Assert.Equal(1, (await ListAsync(new AuditFilter { IsFolded = true, To = midnight })).Items.Count(
            e => e.Action == "tenant.suspended"));
        var retried = await ListAsync(new AuditFilter { IsFolded = true, Action = "operation.retried" });
        Assert.Equal((2, 0), (retried.Items.Count, retried.Folds.Count));
    }

    private async Task AddOperationAsync(Guid id, Guid? parent)
    {
        await using var db = await Host.OpenMasterAsync();
        db.Add(new Operation
        {
            Id = id, ParentId = parent, Kind = ProvisionTenant.KindName, State = OperationState.Succeeded, ServerId = 1,
            RequestedByName = "Ana", CreatedAt = DateTimeOffset.UtcNow,
        });
        await db.SaveChangesAsync(Cancellation);
    }

    private async Task WriteAsync(AuditEntry entry)
    {
        await using var db = await Host.OpenMasterAsync();
        await Host.Get<AuditTrail>().CommitAsync(db, Host.Admin, entry, Cancellation);
    }

    private Task<AuditPage> ListAsync(AuditFilter filter) => Reader.ListAsync(Host.Admin, filter, 1, 50, Cancellation);
}
