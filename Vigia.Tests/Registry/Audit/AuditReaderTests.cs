using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Audit;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Registry.Audit;

/// <summary>Reading the audit trail with every filter, alone and combined.</summary>
public sealed class AuditReaderTests(PostgresServer server) : CoreTestBase(server)
{
    protected override bool Workers => false;

    [Fact]
    public async Task List_EachFilter_ReturnsTheMatchingRecords()
    {
        var (one, two) = (await RegisterAsync(NewName("uno")), await RegisterAsync(NewName("dos")));
        await WriteAsync(Host.Support with { Via = "nocturno" },
            new AuditEntry("test.happened")
            {
                TenantId = one, SignatureMeaning = "sign_tenant_delete",
                SignedWith = "password"
            });
        var since = DateTimeOffset.UtcNow;
        await WriteAsync(Host.Admin,
            new AuditEntry("test.happened") { TenantId = two, OperationId = Guid.CreateVersion7() });

        Assert.Equal(4, await CountAsync(new AuditFilter()));
        Assert.Equal(2, await CountAsync(new AuditFilter { TenantId = one }));
        Assert.Equal(2, await CountAsync(new AuditFilter { Action = "test." }));
        Assert.Equal(2, await CountAsync(new AuditFilter { Action = "tenant.created" }));
        Assert.Equal(0, await CountAsync(new AuditFilter { Action = "tenant.create" }));
        Assert.Equal(1, await CountAsync(new AuditFilter { Actor = Host.Support.StaffId.ToString() }));
        Assert.Equal(1, await CountAsync(new AuditFilter { Actor = "saul soporte" }));
        Assert.Equal(1, await CountAsync(new AuditFilter { SignedOnly = true }));
        Assert.Equal(1, await CountAsync(new AuditFilter { From = since }));
        Assert.Equal(3, await CountAsync(new AuditFilter { To = since }));
        Assert.Equal(0, await CountAsync(new AuditFilter { Actor = "100%" }));
        Assert.Equal(0, await CountAsync(new AuditFilter { Actor = "a\0b", TraceId = "\ud800" }));
        Assert.Equal(3, await CountAsync(new AuditFilter { UpTo = 3 }));
        var newest = (await ListAsync(new AuditFilter { Action = "test.", TenantId = two })).Items[0];
        Assert.Equal(1, await CountAsync(new AuditFilter { OperationId = newest.OperationId }));
        Assert.Equal([4L, 3L, 2L, 1L], (await ListAsync(new AuditFilter())).Items.Select(e => e.Seq));
    }

    [Fact]
    public async Task List_ByALimitedAuditor_ShowsOnlyTheirRecordsAndPeople()
    {
        var (own, other) = (await RegisterAsync(NewName("propio")), await RegisterAsync(NewName("ajeno")));
        await WriteAsync(Host.Support, new AuditEntry("test.happened") { TenantId = other });
        var auditor = Host.Support with { Roles = [StaffRoles.Auditor], TenantScope = [own] };
        var reader = Host.Get<AuditReader>();

        Assert.Equal([Host.Admin.StaffId!.Value], (await reader.ActorsAsync(auditor, Cancellation)).Keys);
        Assert.Equal(2, (await reader.ActorsAsync(Host.Admin, Cancellation)).Count);
        foreach (var tenant in new[] { own, other })
        {
            await foreach (var record in reader.ExportAsync(
                auditor, new AuditFilter { TenantId = tenant }, "csv", Cancellation))
            {
                Assert.Equal(own, record.TenantId);
            }
        }

        var exports = (await ListAsync(new AuditFilter { Action = "audit.exported" })).Items;
        Assert.Equal([null, own], exports.Select(e => e.TenantId));
    }

    [Fact]
    public async Task Export_WithAFilterThatCannotBeStored_IsEmptyAndRecorded()
    {
        await RegisterAsync(NewName("uno"));
        var rows = new List<AuditEvent>();
        await foreach (var row in Host.Get<AuditReader>()
            .ExportAsync(Host.Admin, new AuditFilter { Actor = "nu\0lo" }, "csv", Cancellation))
        {
            rows.Add(row);
        }

        Assert.Empty(rows);
        Assert.Equal("""{"actor": "?", "format": "csv"}""",
            await Host.ScalarAsync<string>(
            Host.Master.Database, "SELECT after::text FROM portal.audit_events WHERE action = 'audit.exported'"));
    }

    [Fact]
    public async Task Export_TheReaderStalls_HoldsNoLockMeanwhile()
    {
        // More than the sockets between server and portal can hold, and more than one page.
        const int many = 1_100;
        await using (var db = await Host.OpenMasterAsync())
        {
            AuditEntry[] entries =
                [.. Enumerable.Repeat(new AuditEntry("test.happened") { Reason = new string('x', 8_000) }, many)];
            await Host.Get<AuditTrail>().CommitAsync(db, Host.Admin, entries, Cancellation);
        }

        await using var owner = await PostgresServer.OpenAsync(Server.SuperuserUrl(Host.Master.Database), Cancellation);
        var last = 0L;
        await foreach (var row in Host.Get<AuditReader>()
            .ExportAsync(Host.Admin, new AuditFilter(), "csv", Cancellation))
        {
            Assert.Equal(++last, row.Seq);
            if (last % 500 == 1)
            {
                await PostgresServer.LockAloneAsync(
                    owner, "portal.audit_events, portal.audit_head", Cancellation);
            }
        }

        Assert.Equal(many + 1, last);
    }

    private async Task WriteAsync(Actor actor, AuditEntry entry)
    {
        await using var db = await Host.OpenMasterAsync();
        await Host.Get<AuditTrail>().CommitAsync(db, actor, entry, Cancellation);
    }

    private Task<AuditPage> ListAsync(AuditFilter filter) =>
        Host.Get<AuditReader>().ListAsync(Host.Admin, filter, 1, 50, Cancellation);

    private async Task<int> CountAsync(AuditFilter filter) => (await ListAsync(filter)).Total;
}
