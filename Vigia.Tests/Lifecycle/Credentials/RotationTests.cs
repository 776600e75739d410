using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Credentials;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Databases;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.Lifecycle.Isolation;

namespace Vigia.Tests.Lifecycle.Credentials;

/// <summary>
/// Replaces a tenant's login role while it is in use. No session is ended and no data is lost, no matter what happens
/// meanwhile.
/// </summary>
public sealed class RotationTests(PostgresServer server) : IsolationTestBase(server)
{
    private CredentialService Credentials => Host.Get<CredentialService>();

    private OperationService Operations => Host.Get<OperationService>();

    protected override void Configure(IServiceCollection services) => services.Configure<IsolationOptions>(o =>
    {
        o.KeepReplacedRoleFor = TimeSpan.Zero;
        o.LookAgainAfter = TimeSpan.FromMilliseconds(100);
    });

    [Fact]
    public async Task Rotate_UnderLoad_NoRequestFailsAndTheOldRoleIsGone()
    {
        var tenant = await ReadyAsync(NewName("carga"));
        var (old, errors, opened) = (await RoleOfAsync(tenant), new ConcurrentBag<Exception>(), 0);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        async Task LoadAsync()
        {
            while (!over.IsCancellationRequested)
            {
                try
                {
                    await using var session = await Host.Get<TenantConnections>()
                        .OpenAsync(tenant.Id, tenant.DatabaseName!, Cancellation);
                    for (var i = 0; i < 3; i++)
                    {
                        await ExecuteAsync(session,
                            "INSERT INTO clients (razon_social) VALUES ('de prueba'); SELECT count(*) FROM clients");
                    }

                    Interlocked.Increment(ref opened);
                }
                catch (Exception e) when (e is NpgsqlException or TimeoutException)
                {
                    errors.Add(e);
                }
            }
        }

        var load = Enumerable.Range(0, 3).Select(_ => Task.Run(LoadAsync, Cancellation)).ToList();
        await using var held = await Host.Get<TenantConnections>()
            .OpenAsync(tenant.Id, tenant.DatabaseName!, Cancellation);
        await ExecuteAsync(held, "BEGIN; INSERT INTO clients (razon_social) VALUES ('en una transacción larga')");

        var operation = await Credentials.RotateAsync(Host.Admin, tenant.Id, "cambio trimestral", Cancellation);
        await WaitsForSessionsAsync(operation);
        var paused = await Operations.GetAsync(Host.Admin, operation, Cancellation);
        Assert.Null(paused.Error);
        Assert.Equal([(await RoleOfAsync(tenant), true), (old, false)],
            (await Credentials.ListAsync(Host.Support, tenant.Id, Cancellation))
            .Select(c => ((string?)c.RoleName, c.IsCurrent)));
        await AssertRefusedAsync(
            "rotation_unfinished", () => Credentials.RotateAsync(Host.Admin, tenant.Id, "otra vez", Cancellation));
        await AssertRefusedAsync("not_cancellable", () => Operations.CancelAsync(Host.Admin, operation, Cancellation));
        var before = opened;
        await Eventually.HoldsAsync(
            "the load continues with the new role", () => Task.FromResult(opened > before + 20), Cancellation);

        // The session of the old role continues unchanged, for any length of time.
        await ExecuteAsync(held, "INSERT INTO clients (razon_social) VALUES ('y sigue'); COMMIT");
        await held.DisposeAsync();
        var ended = await Host.EndOfAsync(operation);
        await over.CancelAsync();
        await Task.WhenAll(load);

        Assert.True(ended.State == OperationState.Succeeded, $"{ended.State}: {ended.Error}");
        Assert.All(ended.Steps, s => Assert.Equal(1, s.Attempt));
        Assert.Empty(errors);
        Assert.Equal(2L, await Host.ScalarAsync<long>(
            tenant.DatabaseName!, "SELECT count(*) FROM clients WHERE razon_social <> 'de prueba'"));
        Assert.Equal(0L, await OurRolesAsync($"rolname = '{old}'"));
        Assert.NotEqual(old, await RoleOfAsync(tenant));
        Assert.Equal(1, await RecordsAsync(tenant.Id, "tenant.credential_rotated"));
        await WorldCheck.AssertAgreesAsync(Host);
        var proof = await TryAsync(tenant);
        Assert.True(proof.Verdict is IsolationVerdict.Held or IsolationVerdict.Reported, Lines(proof.Attempts));
    }

    [Theory]
    [InlineData("new_role")]
    [InlineData("switch_role")]
    [InlineData("old_sessions")]
    [InlineData("drop_old_role")]
    public async Task Rotate_SessionsBrokenAtAStep_ContinuesToTheEnd(string step)
    {
        var tenant = await ReadyAsync(NewName("roto"));
        await using var gate = await StepGate.CloseAsync(Host, step);
        var operation = await Credentials.RotateAsync(Host.Admin, tenant.Id, "prueba", Cancellation);
        await gate.ReachedAsync();
        await gate.BreakAsync();
        await gate.OpenAsync();

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(operation)).State);
        Assert.Equal(1L, await Host.ScalarAsync<long>(
            Host.Master.Database, $"SELECT count(*) FROM portal.tenant_credentials WHERE tenant_id = {tenant.Id}"));
        Assert.Equal(1, await RecordsAsync(tenant.Id, "tenant.credential_rotated"));
        await WorldCheck.AssertAgreesAsync(Host);
    }

    [Fact]
    public async Task Rotate_TenantOwnsLargeObjects_NewRoleOwnsThem()
    {
        var tenant = await ReadyAsync(NewName("grande"));
        await using (var session = await Host.Get<TenantConnections>()
            .OpenAsync(tenant.Id, tenant.DatabaseName!, Cancellation))
        {
            await ExecuteAsync(session, "SELECT lo_from_bytea(7001, 'contenido')");
        }

        // The role's password is lost. docs/operate.md describes this for lost Data Protection keys.
        await PostgresServer.ExecuteAsync(
            Server.SuperuserUrl(Host.Master.Database), "UPDATE portal.tenant_credentials SET protected_password = ''",
            Cancellation);

        // Before PostgreSQL 16 only a superuser can close such a role.
        await AsSuperuserAsync("postgres", $"ALTER ROLE {await RoleOfAsync(tenant)} REPLICATION BYPASSRLS");
        var operation = await Credentials.RotateAsync(Host.Admin, tenant.Id, "prueba", Cancellation);
        if (await Host.ScalarAsync<int>("postgres", "SELECT current_setting('server_version_num')::int") < 160_000)
        {
            var waits = await Host.EndOfAsync(operation);
            var part = waits.Error?.Parts.Single();
            Assert.Equal((OperationState.Waiting, "holder_role_attributes"), (waits.State, part?.Code));
            await AsSuperuserAsync(part!.Args[0], part.Args[1]);
            await Operations.RetryAsync(Host.Admin, operation, Cancellation);
        }

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(operation)).State);
        await using var after = await Host.Get<TenantConnections>()
            .OpenAsync(tenant.Id, tenant.DatabaseName!, Cancellation);
        await ExecuteAsync(after, "SELECT lo_unlink(7001)");

        // From PostgreSQL 16 on, the server itself also grants the portal ADMIN on the role.
        Assert.Equal(0L, await Host.ScalarAsync<long>("postgres", $"""
            SELECT count(*) FROM pg_auth_members
            WHERE roleid = '{await RoleOfAsync(tenant)}'::regrole AND grantor = '{PostgresServer.PortalRole}'::regrole
            """));
    }

    [Fact]
    public async Task Cancel_BeforeTheSwitch_DropsTheNewRole()
    {
        var tenant = await ReadyAsync(NewName("cancela"));
        var old = await RoleOfAsync(tenant);
        await using var gate = await StepGate.CloseAsync(Host, "new_role");
        var operation = await Credentials.RotateAsync(Host.Admin, tenant.Id, "prueba", Cancellation);
        await gate.ReachedAsync();
        await Operations.CancelAsync(Host.Admin, operation, Cancellation);
        await gate.OpenAsync();

        Assert.Equal(OperationState.Cancelled, (await Host.EndOfAsync(operation)).State);
        Assert.Equal(old, (await Credentials.ListAsync(Host.Support, tenant.Id, Cancellation)).Single().RoleName);
        await WorldCheck.AssertAgreesAsync(Host);
        await using var session = await Host.Get<TenantConnections>()
            .OpenAsync(tenant.Id, tenant.DatabaseName!, Cancellation);
    }

    [Fact]
    public async Task Delete_DuringARotation_LeavesNothing()
    {
        var tenant = await ReadyAsync(NewName("borra"), "demo");
        await using var held = await Host.Get<TenantConnections>()
            .OpenAsync(tenant.Id, tenant.DatabaseName!, Cancellation);
        var operation = await Credentials.RotateAsync(Host.Admin, tenant.Id, "prueba", Cancellation);
        await WaitsForSessionsAsync(operation);

        var delete = await Host.Get<TenantDeletion>()
            .DeleteAsync(Host.Admin, tenant.Id, new(tenant.Subdomain!, "fin", CoreHost.AdminPassword, 0), Cancellation);

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(delete)).State);
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(operation)).State);
        Assert.Equal(0L, await OurRolesAsync($"rolname LIKE 'vigia\\_t{tenant.Id}\\_%'"));
        await WorldCheck.AssertAgreesAsync(Host);
    }

    [Fact]
    public async Task Rotate_WithoutAReasonOrNotReady_IsRefused()
    {
        var registered = await RegisterAsync(NewName("anotado"));

        await AssertInvalidAsync(
            "reason", "reason_required", () => Credentials.RotateAsync(Host.Admin, registered, " ", Cancellation));
        await AssertRefusedAsync(
            "not_ready", () => Credentials.RotateAsync(Host.Admin, registered, "motivo", Cancellation));
        await Assert.ThrowsAsync<ForbiddenException>(
            () => Credentials.RotateAsync(Host.Support, registered, "motivo", Cancellation));
    }

    // Role names belong to the whole server: another master may use one as soon as it is free.
    private async Task<long> OurRolesAsync(string which)
    {
        var master = await Host.ScalarAsync<Guid>(Host.Master.Database, "SELECT master_id FROM portal.instance");
        return await Host.ScalarAsync<long>(
            "postgres",
            $"SELECT count(*) FROM pg_roles WHERE {which} AND shobj_description(oid, 'pg_authid') LIKE '%{master}%'");
    }

    private Task WaitsForSessionsAsync(Guid operation) =>
        Eventually.HoldsAsync("it waits for the old sessions", async () =>
    {
        var now = await Operations.GetAsync(Host.Admin, operation, Cancellation);
        return now is { State: OperationState.Queued, NotBefore: not null }
            && now.Steps.Single(s => s.Name == "old_sessions").Detail is { Code: "credential_in_use" };
    }, Cancellation);

    private static async Task ExecuteAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
