using Npgsql;

namespace Vigia.Tests.Infrastructure;

/// <summary>
/// A lock that the test holds. A session that records a step as done waits for it: the work of the step is done, but
/// not recorded.
/// </summary>
public sealed class StepGate : IAsyncDisposable
{
    private const long Key = 8_150;
    private readonly CoreHost _host;
    private readonly NpgsqlConnection _connection;

    private readonly string _table;

    private StepGate(CoreHost host, NpgsqlConnection connection, string table) =>
        (_host, _connection, _table) = (host, connection, table);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static Task<StepGate> CloseAsync(CoreHost host, string step) =>
        CloseAsync(host, "portal.operation_steps",
            "UPDATE ON portal.operation_steps FOR EACH ROW "
            + $"WHEN (NEW.name = '{step}' AND NEW.state = 'done' AND OLD.state <> 'done')");

    /// <summary>Makes every insert into the table wait.</summary>
    public static Task<StepGate> CloseBeforeInsertAsync(CoreHost host, string table) =>
        CloseAsync(host, table, $"INSERT ON {table} FOR EACH ROW");

    private static async Task<StepGate> CloseAsync(CoreHost host, string table, string at)
    {
        var gate = new StepGate(
            host, await PostgresServer.OpenAsync(host.Server.SuperuserUrl(host.Master.Database), Cancellation), table);
        await gate.ExecuteAsync(
            $"""
            SELECT pg_advisory_lock({Key});
            CREATE OR REPLACE FUNCTION test_step_gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                PERFORM pg_advisory_xact_lock({Key});
                RETURN NEW;
            END $$;
            CREATE TRIGGER test_step_gate BEFORE {at} EXECUTE FUNCTION test_step_gate();
            """);
        return gate;
    }

    /// <summary>Waits until a session waits at the gate.</summary>
    public Task ReachedAsync() =>
        Eventually.HoldsAsync("somebody stands before the gate", async () => await WaitingAsync() > 0, Cancellation);

    /// <summary>Ends the session that waits at the gate, as a broken network would.</summary>
    public Task BreakAsync() =>
        ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM pg_locks WHERE {Waiting} AND NOT granted");

    /// <summary>Lets all waiting sessions continue.</summary>
    public Task OpenAsync() =>
        ExecuteAsync($"SELECT pg_advisory_unlock_all(); DROP TRIGGER IF EXISTS test_step_gate ON {_table}");

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static string Waiting =>
        $"locktype = 'advisory' AND classid = 0 AND objid = {Key} "
        + "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

    private Task<long> WaitingAsync() =>
        _host.ScalarAsync<long>(
        _host.Master.Database, $"SELECT count(*) FROM pg_locks WHERE {Waiting} AND NOT granted");

    private async Task ExecuteAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, _connection);
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
