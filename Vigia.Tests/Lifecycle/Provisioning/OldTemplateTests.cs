using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Master;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Provisioning;

/// <summary>
/// Templates of older schema versions go some time after a newer one was made, and no other database does.
/// </summary>
public sealed class OldTemplateTests(PostgresServer server) : CoreTestBase(server)
{
    [Fact]
    public async Task Drop_OldTemplates_WaitsUntilANewerOneIsOldEnough()
    {
        await ReadyAsync(NewName("plantilla"));
        var (old, lost) = (await AddTemplateAsync(marked: true), await AddTemplateAsync(marked: false));

        await RunAsync();
        Assert.True(await ExistsAsync(old), "The newer template was made just now.");
        await PostgresServer.ExecuteAsync(
            Host.Master,
            "UPDATE portal.databases SET created_at = created_at - interval '8 days' WHERE kind = 'template'",
            Cancellation);
        await RunAsync();

        Assert.False(await ExistsAsync(old));
        Assert.True(await ExistsAsync(lost), "It does not carry our marker.");
        Assert.Equal(1L, await Host.ScalarAsync<long>(
            Host.Master.Database, "SELECT count(*) FROM portal.databases WHERE kind = 'template'"));
        await ReadyAsync(NewName("despues"));
        await Server.DropDatabaseAsync(lost, Cancellation);
    }

    [Fact]
    public async Task FindByMarker_TwoDatabasesCarryIt_ExpectedNameDecidesOrRefuses()
    {
        var (one, two) = (await AddTemplateAsync(marked: false), await AddTemplateAsync(marked: false));
        await using var session = await PostgresServer.OpenAsync(Host.Master, Cancellation);
        var marker = $"vigia:{Guid.NewGuid()}:{Guid.NewGuid()}";
        foreach (var name in new[] { one, two })
        {
            await PostgresServer.ExecuteAsync(
                Host.Master, $"COMMENT ON DATABASE {SqlIdentifier.Quote(name)} IS '{marker}'", Cancellation);
        }

        Assert.Equal(two, (await DatabaseDdl.FindByMarkerAsync(session, marker, two, Cancellation))!.Name);
        await AssertRefusedAsync("database_marker_twice",
            () => DatabaseDdl.FindByMarkerAsync(session, marker, Cancellation));
        await AssertRefusedAsync("database_marker_twice",
            () => DatabaseDdl.FindByMarkerAsync(session, marker, "another", Cancellation));
        await Server.DropDatabaseAsync(two, Cancellation);
        Assert.Equal(one, (await DatabaseDdl.FindByMarkerAsync(session, marker, two, Cancellation))!.Name);
        await Server.DropDatabaseAsync(one, Cancellation);
        Assert.Null(await DatabaseDdl.FindByMarkerAsync(session, marker, one, Cancellation));
    }

    private async Task RunAsync()
    {
        await using var db = await Host.OpenMasterAsync();
        var run = Host.Get<OperationQueue>()
            .EnqueueRun(db, new OperationKind("drop_old_templates"), "drop_old_templates");
        await db.SaveChangesAsync(Cancellation);
        var ended = await Host.EndOfAsync(run.Id);
        Assert.True(ended.State == OperationState.Succeeded, $"{ended.State}: {ended.Error}");
    }

    // A template of an earlier version. Without the marker, somebody has made the database again by hand.
    private async Task<string> AddTemplateAsync(bool marked)
    {
        var (id, name) = (Guid.NewGuid(), $"vigia_template_v0_{Guid.NewGuid().ToString("n")[..8]}");
        await Server.CreateDatabaseAsync(name, null, Cancellation);
        await PostgresServer.ExecuteAsync(
            Host.Master,
            $"""
            INSERT INTO portal.databases (id, server_id, name, kind, schema_version, created_at)
            VALUES ('{id}', 1, '{name}', 'template', 0, now() - interval '1 year');
            """, Cancellation);
        if (marked)
        {
            var master = Host.Get<MasterIdentity>().MasterId;
            await PostgresServer.ExecuteAsync(
                Host.Master,
                $"COMMENT ON DATABASE {SqlIdentifier.Quote(name)} IS '{DatabaseMarker.ForDatabase(master, id)}'",
                Cancellation);
        }

        return name;
    }

    private async Task<bool> ExistsAsync(string name) =>
        await Host.ScalarAsync<long>("postgres", $"SELECT count(*) FROM pg_database WHERE datname = '{name}'") == 1;
}
