using Vigia.Core.Postgres;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Postgres;

/// <summary>The product changes a column while the portal's sessions have prepared statements.</summary>
public sealed class StalePlanTests(PostgresServer server) : CoreTestBase(server)
{
    // Each session of the pool prepares a statement with its third use.
    private const int Often = 60;

    protected override bool Workers => false;

    [Fact]
    public async Task Read_ColumnGotAnotherType_IsAskedAgain()
    {
        var id = await RegisterAsync(NewName("columna"));
        for (var i = 0; i < Often; i++)
        {
            await RowAsync(id);
        }

        Assert.NotEqual(0, await PreparedAsync());
        await ChangeAsync("text");
        Assert.Equal(id, (await RowAsync(id)).Id);
        await ChangeAsync("varchar(200)");
        await EditAsync(id, "Rosa");
        Assert.Equal("Rosa", (await RowAsync(id)).ContactName);
    }

    [Fact]
    public async Task Change_ColumnGotAnotherType_IsRefusedOnceAsTransient()
    {
        var id = await RegisterAsync(NewName("columna"));
        for (var i = 0; i < Often; i++)
        {
            await EditAsync(id, $"Rosa {i}");
        }

        var seen = TenantDetails.Of(await RowAsync(id));
        await ChangeAsync("text");
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => EditAsync(id, "Luz", seen));
        Assert.True(TransientFailures.IsServerUnavailable(refused), $"{refused}");
        await EditAsync(id, "Luz");
        Assert.Equal("Luz", (await RowAsync(id)).ContactName);
    }

    private async Task EditAsync(int id, string contact, TenantDetails? seen = null)
    {
        seen ??= TenantDetails.Of(await RowAsync(id));
        await Host.Get<TenantEditing>()
            .UpdateAsync(Host.Admin, id, seen, seen with { ContactName = contact }, Cancellation);
    }

    private Task ChangeAsync(string type) => PostgresServer.ExecuteAsync(
        Server.SuperuserUrl(Host.Master.Database),
        $"ALTER TABLE clientes_saas ALTER COLUMN contacto_nombre TYPE {type}", Cancellation);

    // Otherwise the tests would pass without any prepared statement.
    private async Task<int> PreparedAsync()
    {
        await using var session = await Host.Get<Npgsql.NpgsqlDataSource>().OpenConnectionAsync(Cancellation);
        await using var command = new Npgsql.NpgsqlCommand(
            "SELECT count(*)::int FROM pg_prepared_statements WHERE statement LIKE '%clientes_saas%'", session);
        return (int)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}
