using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Operations;

/// <summary>
/// A compensation that can't succeed ends in a failed operation. It reports what is left, and it can be cancelled after
/// the obstacle is gone.
/// </summary>
public sealed class FailedCancelTests(PostgresServer server) : CoreTestBase(server)
{
    protected override void Configure(IServiceCollection services) =>
        services.Configure<OperationOptions>(o => (o.MaxAttempts, o.LongestBackOff) = (2, TimeSpan.FromMinutes(1)));

    private const string RefuseDrops =
        "ALTER TABLE portal.databases ADD CONSTRAINT test_no_drop CHECK (drop_begun_at IS NULL)";
    private const string AllowDrops = "ALTER TABLE portal.databases DROP CONSTRAINT test_no_drop";

    // An error that needs a person ends the operation at once. Other errors end it after the usual number of attempts.
    public static TheoryData<string, string, string, int> Obstacles => new()
    {
        { "CREATE DATABASE \"{copy}\"; COMMENT ON DATABASE \"{copy}\" IS '{marker}'", "DROP DATABASE \"{copy}\"",
            "database_marker_twice", 1 },
        { "ALTER DATABASE \"{own}\" IS_TEMPLATE true", "ALTER DATABASE \"{own}\" IS_TEMPLATE false", "tenant_held", 1 },
        { RefuseDrops, AllowDrops, "server_error", 2 },
    };

    [Theory]
    [MemberData(nameof(Obstacles))]
    public async Task Cancel_CompensationRefused_FailsWithTheReasonAndCanBeRepeated(
        string obstacle, string removal, string code, int tries)
    {
        // The operation fails at the proof, because nothing else is open to PUBLIC.
        await PostgresServer.ExecuteAsync(Server.SuperuserUrl("postgres"),
            $"GRANT CONNECT ON DATABASE {SqlIdentifier.Quote(Host.Master.Database)} TO PUBLIC", Cancellation);
        var registered = await Host.Get<TenantRegistration>()
            .RegisterAsync(Host.Admin, Request(NewName("atascado"), r => r with { Provision = true }), Cancellation);
        var id = registered.OperationId!.Value;
        Assert.Equal("isolation_broken", (await Host.EndOfAsync(id)).Error?.Code);
        var name = (await RowAsync(registered.TenantId)).DatabaseName!;
        var marker = await Host.ScalarAsync<string>(
            "postgres", $"SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{name}'");
        await RunAsync(obstacle, name, marker!);

        await Host.Get<OperationService>().CancelAsync(Host.Admin, id, Cancellation);
        var failed = await Host.EndOfAsync(id);

        Assert.True(failed.State == OperationState.Failed && failed.Error?.Code == code && failed.Attempt == tries,
            $"{failed.State} {failed.Error} {failed.Attempt}");
        var step = failed.Steps.Single(s => s.Name == "create_database");
        Assert.Equal((StepState.Failed, code, "not_undone"), (step.State, step.Error?.Code, step.Detail?.Code));
        Assert.Equal(TenantState.Failed, (await RowAsync(registered.TenantId)).State);
        Assert.True(Host.Get<OperationService>().CanCancel(failed));
        Assert.Equal(2, await RecordsAsync(registered.TenantId, "operation.failed"));

        await RunAsync(removal, name, marker!);
        await Host.Get<OperationService>().CancelAsync(Host.Admin, id, Cancellation);
        Assert.Equal(OperationState.Cancelled, (await Host.EndOfAsync(id)).State);
        Assert.Equal(TenantState.Registered, (await RowAsync(registered.TenantId)).State);
        await WorldCheck.AssertAgreesAsync(Host);
    }

    [Fact]
    public async Task Retry_AfterAFailedCancel_RunsToTheEnd()
    {
        await PostgresServer.ExecuteAsync(Server.SuperuserUrl("postgres"),
            $"GRANT CONNECT ON DATABASE {SqlIdentifier.Quote(Host.Master.Database)} TO PUBLIC", Cancellation);
        var registered = await Host.Get<TenantRegistration>()
            .RegisterAsync(Host.Admin, Request(NewName("sigue"), r => r with { Provision = true }), Cancellation);
        var id = registered.OperationId!.Value;
        await Host.EndOfAsync(id);
        var name = (await RowAsync(registered.TenantId)).DatabaseName!;

        // The compensation stops before it drops anything, so the operation can still be completed.
        await RunAsync(RefuseDrops, name, "");
        await Host.Get<OperationService>().CancelAsync(Host.Admin, id, Cancellation);
        Assert.Equal("server_error", (await Host.EndOfAsync(id)).Error?.Code);

        await RunAsync(AllowDrops, name, "");
        await PostgresServer.ExecuteAsync(Server.SuperuserUrl("postgres"),
            $"REVOKE CONNECT ON DATABASE {SqlIdentifier.Quote(Host.Master.Database)} FROM PUBLIC", Cancellation);
        await Host.Get<OperationService>().RetryAsync(Host.Admin, id, Cancellation);

        var done = await Host.EndOfAsync(id);
        Assert.True(done.State == OperationState.Succeeded, $"{done.Error}");
        Assert.Equal(TenantState.Ready, (await RowAsync(registered.TenantId)).State);
        await WorldCheck.AssertAgreesAsync(Host);
    }

    [Fact]
    public async Task Cancel_TrailClosed_IsDelayedUntilItIsOpen()
    {
        await PauseAsync(true);
        var registered = await Host.Get<TenantRegistration>()
            .RegisterAsync(Host.Admin, Request(NewName("cerrado"), r => r with { Provision = true }), Cancellation);
        var id = registered.OperationId!.Value;
        await Host.Get<OperationService>().CancelAsync(Host.Admin, id, Cancellation);
        await CloseTrailAsync();
        await PauseAsync(false);

        var seen = "";
        await Eventually.HoldsAsync("it is held back after one claim", async () =>
        {
            seen = await Host.ScalarAsync<string>(Host.Master.Database,
                $"""
                SELECT concat_ws(' ', state, epoch, worker IS NULL,
                    lease_until > clock_timestamp() + interval '20 s', error ->> 'Code')
                FROM portal.operations WHERE id = '{id}'
                """);
            return seen == "cancelling 1 t t audit_closed";
        }, Cancellation, seen: () => seen!);

        await OpenTrailAsync();
        await PostgresServer.ExecuteAsync(
            Host.Master, "UPDATE portal.operations SET lease_until = now()", Cancellation);
        var ended = await Host.EndOfAsync(id);
        Assert.Equal((OperationState.Cancelled, 2L), (ended.State, ended.Epoch));
        await WorldCheck.AssertAgreesAsync(Host);
    }

    private Task PauseAsync(bool paused) =>
        PostgresServer.ExecuteAsync(Host.Master, $"UPDATE portal.instance SET workers_paused = {paused}", Cancellation);

    private async Task RunAsync(string sql, string name, string marker)
    {
        foreach (var statement in sql.Replace("{copy}", $"copia_{name}", StringComparison.Ordinal).Replace(
            "{own}", name, StringComparison.Ordinal).Replace("{marker}", marker, StringComparison.Ordinal).Split("; "))
        {
            await PostgresServer.ExecuteAsync(Server.SuperuserUrl(Host.Master.Database), statement, Cancellation);
        }
    }
}
