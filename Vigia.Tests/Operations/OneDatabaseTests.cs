using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Lifecycle.Adoption;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.Lifecycle.Adoption;

namespace Vigia.Tests.Operations;

/// <summary>Trouble of one database is not the server's: the operations of all others go on.</summary>
public sealed class OneDatabaseTests(PostgresServer server) : AdoptionTestBase(server)
{
    [Theory]
    [InlineData("ALTER DATABASE \"{0}\" CONNECTION LIMIT 0", "ALTER DATABASE \"{0}\" CONNECTION LIMIT -1", true)]
    [InlineData(
        "UPDATE pg_database SET datcollate = 'xx_XX.utf8' WHERE datname = '{0}'",
        "UPDATE pg_database SET datcollate = (SELECT datcollate FROM pg_database WHERE datname = 'template0') "
        + "WHERE datname = '{0}'", false)]
    public async Task Database_GivesNoSession_OnlyItsOwnOperationFails(string trouble, string mend, bool hasRemedy)
    {
        var (ill, well) = (await ReadyAsync(NewName("enferma")), await ReadyAsync(NewName("sana")));
        await AsSuperuserAsync("postgres", trouble.Replace("{0}", ill.DatabaseName, StringComparison.Ordinal));

        var failed = await Host.EndOfAsync(await ChangeLimitAsync(ill));
        var succeeded = await Host.EndOfAsync(await ChangeLimitAsync(well));

        AssertFailed("database_unreachable", failed);
        Assert.Equal(hasRemedy, failed.Error!.Parts.Any(part => part.Code == "database_remedy"));
        Assert.Contains(ill.DatabaseName!, failed.Error.Render(), StringComparison.Ordinal);
        AssertSucceeded(succeeded);
        Assert.Equal(0, await ServerFailuresAsync());

        await AsSuperuserAsync("postgres", mend.Replace("{0}", ill.DatabaseName, StringComparison.Ordinal));
        await Host.Get<OperationService>().RetryAsync(Host.Admin, failed.Id, Cancellation);
        AssertSucceeded(await Host.EndOfAsync(failed.Id));
    }

    // Its limit may be free again in a moment, so the operation is tried again, but it delays nobody.
    [Fact]
    public async Task Database_IsFullForAWhile_ItsOperationIsTriedAgainAndDelaysNobody()
    {
        var (full, well) = (await ReadyAsync(NewName("llena")), await ReadyAsync(NewName("sana")));
        var held = await PostgresServer.OpenAsync(Server.SuperuserUrl(full.DatabaseName!), Cancellation);
        await AsSuperuserAsync("postgres", $"ALTER DATABASE \"{full.DatabaseName}\" CONNECTION LIMIT 1");

        var waits = await ChangeLimitAsync(full);
        await Eventually.HoldsAsync("it was refused", async () =>
            await ErrorAsync(waits) == "database_unreachable", Cancellation);
        AssertSucceeded(await Host.EndOfAsync(await ChangeLimitAsync(well)));

        Assert.Equal(0, await ServerFailuresAsync());
        await held.DisposeAsync();
        AssertSucceeded(await Host.EndOfAsync(waits));
    }

    // Somebody's open transaction that renames a database keeps everybody out of it without a word.
    [Fact]
    public async Task Database_DoesNotAnswer_ItsOperationIsTriedAgainAndDelaysNobody()
    {
        var (silent, well) = (await ReadyAsync(NewName("muda")), await ReadyAsync(NewName("sana")));
        await using (var holder = await PostgresServer.OpenAsync(Server.SuperuserUrl("postgres"), Cancellation))
        {
            await using var rename = new NpgsqlCommand(
                $"BEGIN; ALTER DATABASE \"{silent.DatabaseName}\" RENAME TO \"{silent.DatabaseName}_otra\"", holder);
            await rename.ExecuteNonQueryAsync(Cancellation);
            var waits = await ChangeLimitAsync(silent);
            AssertSucceeded(await Host.EndOfAsync(await ChangeLimitAsync(well)));

            await Eventually.HoldsAsync("it was given up", async () =>
                await ErrorAsync(waits) == "database_unreachable", Cancellation, TimeSpan.FromSeconds(40));
            Assert.Equal(0, await ServerFailuresAsync());
        }
    }

    [Fact]
    public async Task Database_Adopted_GivesNoSession_PageAndReportSaySo()
    {
        var (database, id) = await AdoptedAsync();
        await ConfirmAsync(id);
        var closed = await MadeAsync();
        await GrantAsync(closed);
        foreach (var name in new[] { database.Name, closed.Name })
        {
            await AsSuperuserAsync("postgres",
                $"UPDATE pg_database SET datcollate = 'xx_XX.utf8' WHERE datname = '{name}'");
        }

        var refused = await Assert.ThrowsAsync<DatabaseUnreachableException>(
            () => Host.Get<AdoptionFollowUps>().PlanCompletionAsync(Host.Admin, id, Cancellation));
        var report = await Host.Get<AdoptionService>().InspectAsync(Host.Admin, closed.Name, Cancellation);

        Assert.Equal("database_unreachable", refused.Reason.Code);
        Assert.Contains(report.Obstacles, obstacle => obstacle.Code == "adopt_no_session");
    }

    private async Task<Guid> ChangeLimitAsync(Tenant tenant)
    {
        var seen = TenantDetails.Of(await RowAsync(tenant.Id));
        await Host.Get<TenantEditing>().UpdateAsync(
            Host.Admin, tenant.Id, seen, seen with { MaxUsers = seen.MaxUsers + 1 }, Cancellation);
        await using var db = await Host.OpenMasterAsync();
        return await db.Set<Operation>().Where(o => o.TenantId == tenant.Id).OrderByDescending(o => o.CreatedAt)
            .Select(o => o.Id).FirstAsync(Cancellation);
    }

    private Task<string?> ErrorAsync(Guid operation) => Host.ScalarAsync<string>(
        Host.Master.Database, $"SELECT error ->> 'Code' FROM portal.operations WHERE id = '{operation}'");

    private Task<int> ServerFailuresAsync() => Host.ScalarAsync<int>(
        Host.Master.Database, "SELECT failures FROM portal.database_servers WHERE id = 1");
}
