using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Deletion;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Provisioning;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Deletion;

public sealed class DeletionTests(PostgresServer server) : CoreClass(server)
{
    private TenantDeletion Deletion => Host.Get<TenantDeletion>();

    private TrashService Trash => Host.Get<TrashService>();

    [Fact]
    public async Task DeleteAndUndo_BringsBackExactlyWhatWas()
    {
        var tenant = await ReadyAsync(NewName("vuelve"));
        await Host.Get<TenantActivation>().SuspendAsync(Host.Admin, tenant.Id, "falta_de_pago", "dos meses", Cancellation);
        await PostgresServer.ExecuteAsync(Server.SuperuserUrl(tenant.DatabaseName!), "INSERT INTO users (email, hashed_password, is_active, roles) VALUES ('luz@x.pe', 'x', true, ARRAY['qa'])", Cancellation);
        var before = await RowTextAsync(tenant.Id);

        await DeleteAsync(tenant);
        Assert.Equal(0L, await DatabasesAsync(tenant.DatabaseName!));
        Assert.Equal(1L, await DatabasesAsync($"vigia_trash_{await DatabaseIdAsync(tenant.Id)}"));
        var back = await Host.EndOfAsync(await Trash.RestoreAsync(Host.Admin, tenant.Id, null, Cancellation));

        Assert.True(back.State == OperationState.Succeeded, $"{back.Error}");
        Assert.Equal(before, await RowTextAsync(tenant.Id));
        await using var session = await Host.Get<Vigia.Core.Tenancy.TenantConnections>().OpenAsync(tenant.Id, tenant.DatabaseName!, Cancellation);
        await using var command = new NpgsqlCommand("SELECT count(*) FROM users", session);
        Assert.Equal(2L, await command.ExecuteScalarAsync(Cancellation));
    }

    [Fact]
    public async Task Delete_NameIsFreeAtOnce_AndUndoSaysWhoHasIt()
    {
        var name = NewName("libre");
        var tenant = await ReadyAsync(name);
        await DeleteAsync(tenant);
        var second = await ReadyAsync(name);

        await AssertRefusedAsync("subdominio_taken", () => Trash.RestoreAsync(Host.Admin, tenant.Id, null, Cancellation));
        var back = await Host.EndOfAsync(await Trash.RestoreAsync(Host.Admin, tenant.Id, $"{name}-2", Cancellation));

        Assert.True(back.State == OperationState.Succeeded, $"{back.Error}");
        Assert.Equal($"{name}-2", (await RowAsync(tenant.Id)).Subdomain);
        Assert.Equal(name, (await RowAsync(second.Id)).Subdomain);
        Assert.NotEqual((await RowAsync(tenant.Id)).DatabaseName, (await RowAsync(second.Id)).DatabaseName);
    }

    [Fact]
    public async Task Delete_DemoAtOnce_DatabaseAndRolesAreGoneAndItIsCertified()
    {
        var tenant = await ReadyAsync(NewName("efimera"), "demo");

        await DeleteAsync(tenant, days: 0);

        Assert.Equal(0L, await Host.ScalarAsync<long>("postgres", $"SELECT count(*) FROM pg_database WHERE datname LIKE '%{tenant.Subdomain}%' OR datname LIKE 'vigia\\_trash\\_{await DatabaseIdAsync(tenant.Id)}'"));
        await using var db = await Host.OpenMasterAsync();
        Assert.False(await db.Credentials.AnyAsync(c => c.TenantId == tenant.Id, Cancellation));
        Assert.False(await db.Trash.AnyAsync(t => t.Id == tenant.Id, Cancellation));
        Assert.Equal(1, await RecordsAsync(tenant.Id, "tenant.purged"));
    }

    [Fact]
    public async Task Delete_WhatMustNotBe_IsRefusedAndNothingChanges()
    {
        var tenant = await ReadyAsync(NewName("firme"));
        var right = new HardDelete(tenant.Subdomain!, "Fin de contrato", CoreHost.AdminPassword);
        Task Ask(HardDelete request) => Deletion.DeleteAsync(Host.Admin, tenant.Id, request, Cancellation);

        await AssertInvalidAsync("confirm", "confirmation_wrong", () => Ask(right with { Confirm = "otro" }));
        await AssertInvalidAsync("reason", "reason_required", () => Ask(right with { Reason = " " }));
        await AssertInvalidAsync("reason", "text_forbidden_character", () => Ask(right with { Reason = "fin\0" }));
        await AssertInvalidAsync("reason", "text_forbidden_character", () => Ask(right with { Reason = "fin \u202e" }));
        await AssertInvalidAsync("reason", "text_too_long", () => Ask(right with { Reason = new string('x', 1001) }));
        await AssertRefusedAsync("password_wrong", () => Ask(right with { Password = "no-es" }));
        await AssertRefusedAsync("retention_too_short", () => Ask(right with { RetentionDays = 0 }));
        await AssertRefusedAsync("retention_too_short", () => Ask(right with { RetentionDays = 6 }));

        var row = await RowAsync(tenant.Id);
        Assert.Equal((TenantState.Ready, true), (row.State, row.IsActive));
        Assert.Equal(0, await RecordsAsync(tenant.Id, "tenant.delete_requested"));
    }

    [Fact]
    public async Task Delete_SessionsThatReconnectAllTheTime_EndsAnyway()
    {
        var tenant = await ReadyAsync(NewName("terco"));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var stubborn = Enumerable.Range(0, 4).Select(_ => ReconnectAsync(tenant, stop.Token)).ToList();

        await DeleteAsync(tenant);
        await stop.CancelAsync();
        var ends = await Task.WhenAll(stubborn);

        Assert.All(ends, connected => Assert.True(connected > 0));
        Assert.Equal(0L, await DatabasesAsync(tenant.DatabaseName!));
    }

    [Fact]
    public async Task Delete_ASuperusersSessionIsOnIt_WaitsNamingItAndGoesOnAfterwards()
    {
        var tenant = await ReadyAsync(NewName("super"));
        var held = await PostgresServer.OpenAsync(Server.SuperuserUrl(tenant.DatabaseName!), Cancellation);
        var operation = await Host.EndOfAsync(await AskAsync(tenant, null));

        Assert.Equal(OperationState.Waiting, operation.State);
        Assert.Equal("session_of_superuser", operation.Error!.Code);
        Assert.Equal($"{held.ProcessID}", operation.Error.Args[0]);
        Assert.Equal(TenantState.Deleting, (await RowAsync(tenant.Id)).State);
        await AssertRefusedAsync("not_ready", () => Host.Get<TenantActivation>().ReactivateAsync(Host.Admin, tenant.Id, Cancellation));
        await held.DisposeAsync();
        await Host.Get<OperationService>().RetryAsync(Host.Admin, operation.Id, Cancellation);

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(operation.Id)).State);
    }

    [Fact]
    public async Task Delete_CancelledWhileItWaits_TheClientIsAsBefore()
    {
        var tenant = await ReadyAsync(NewName("arrepentido"));
        await using var held = await PostgresServer.OpenAsync(Server.SuperuserUrl(tenant.DatabaseName!), Cancellation);
        var operation = await Host.EndOfAsync(await AskAsync(tenant, null));
        Assert.Equal(OperationState.Waiting, operation.State);

        await Host.Get<OperationService>().CancelAsync(Host.Admin, operation.Id, Cancellation);

        Assert.Equal(OperationState.Cancelled, (await Host.EndOfAsync(operation.Id)).State);
        var row = await RowAsync(tenant.Id);
        Assert.Equal((TenantState.Ready, true), (row.State, row.IsActive));
        await using var session = await Host.Get<Vigia.Core.Tenancy.TenantConnections>().OpenAsync(tenant.Id, tenant.DatabaseName!, Cancellation);
    }

    [Fact]
    public async Task Delete_AfterARestoreThatFailed_IsRefusedUntilThatIsCancelled()
    {
        var tenant = await ReadyAsync(NewName("a-medias"), "demo");
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(await AskAsync(tenant, 7))).State);
        await Server.CreateDatabaseAsync(tenant.DatabaseName, null, Cancellation);
        var restore = await Host.EndOfAsync(await Host.Get<TrashService>().RestoreAsync(Host.Admin, tenant.Id, null, Cancellation));
        Assert.Equal((OperationState.Failed, TenantState.Failed), (restore.State, (await RowAsync(tenant.Id)).State));

        await AssertRefusedAsync("not_ready", () => AskAsync(tenant, 0));
        await AssertRefusedAsync("not_ready", () => AskAsync(tenant, null));
        await Host.Get<OperationService>().CancelAsync(Host.Admin, restore.Id, Cancellation);

        Assert.Equal(OperationState.Cancelled, (await Host.EndOfAsync(restore.Id)).State);
        Assert.Null((await Host.Get<TenantSearch>().GetAsync(Host.Admin, tenant.Id, Cancellation)).View);
        await Server.DropDatabaseAsync(tenant.DatabaseName!, Cancellation);
        var again = await Host.EndOfAsync(await Host.Get<TrashService>().RestoreAsync(Host.Admin, tenant.Id, null, Cancellation));
        Assert.Equal((OperationState.Succeeded, TenantState.Ready), (again.State, (await RowAsync(tenant.Id)).State));
        await WorldCheck.AssertAgreesAsync(Host);
    }

    [Fact]
    public async Task Delete_WhileItIsBeingProvisioned_IsRefused()
    {
        await Host.Get<OperationService>().PauseWorkersAsync(Host.Admin, true, Cancellation);
        var registered = await Host.Get<TenantRegistration>().RegisterAsync(Host.Admin, Request(NewName("naciendo"), r => r with { Provision = true }), Cancellation);
        var row = await RowAsync(registered.TenantId);

        await AssertRefusedAsync("operation_running", () => Deletion.DeleteAsync(Host.Admin, row.Id, new HardDelete(row.Subdomain!, "x", CoreHost.AdminPassword), Cancellation));

        await Host.Get<OperationService>().PauseWorkersAsync(Host.Admin, false, Cancellation);
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(registered.OperationId!.Value)).State);
    }

    [Fact]
    public async Task Delete_TheMarkerIsGone_TouchesNothingAndSaysSo()
    {
        var tenant = await ReadyAsync(NewName("ajena"));
        await PostgresServer.ExecuteAsync(Server.SuperuserUrl("postgres"), $"COMMENT ON DATABASE \"{tenant.DatabaseName}\" IS 'of somebody else'", Cancellation);

        var operation = await Host.EndOfAsync(await AskAsync(tenant, null));

        Assert.Equal((OperationState.Failed, "database_not_ours"), (operation.State, operation.Error?.Code));
        Assert.Equal(1L, await DatabasesAsync(tenant.DatabaseName!));
    }

    [Fact]
    public async Task Provision_AForeignDatabaseTookTheName_IsAConflictAndTheNextTryWorks()
    {
        var name = NewName("choque");
        var id = await RegisterAsync(name);
        await Server.CreateDatabaseAsync($"vigia_{name}", null, Cancellation);
        var operation = await Host.EndOfAsync(await Host.Get<TenantProvisioning>().ProvisionAsync(Host.Admin, id, Cancellation));

        Assert.Equal(OperationState.Failed, operation.State);
        Assert.Contains(operation.Error!.Code, new[] { "database_exists_not_ours", "database_name_taken", "database_not_ours" });
        Assert.Equal(1L, await DatabasesAsync($"vigia_{name}"));
        await Server.DropDatabaseAsync($"vigia_{name}", Cancellation);
        await Host.Get<OperationService>().RetryAsync(Host.Admin, operation.Id, Cancellation);

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(operation.Id)).State);
    }

    [Fact]
    public async Task Provision_Cancelled_NothingIsLeftOver()
    {
        var name = NewName("deshecho");
        var id = await RegisterAsync(name);
        await Server.CreateDatabaseAsync($"vigia_{name}", null, Cancellation);
        var operation = await Host.EndOfAsync(await Host.Get<TenantProvisioning>().ProvisionAsync(Host.Admin, id, Cancellation));
        Assert.Equal(OperationState.Failed, operation.State);

        await Host.Get<OperationService>().CancelAsync(Host.Admin, operation.Id, Cancellation);

        Assert.Equal(OperationState.Cancelled, (await Host.EndOfAsync(operation.Id)).State);
        Assert.Equal(TenantState.Registered, (await RowAsync(id)).State);
        await WorldCheck.AssertAgreesAsync(Host);
        Assert.Equal(1L, await DatabasesAsync($"vigia_{name}"));
        await Server.DropDatabaseAsync($"vigia_{name}", Cancellation);
    }

    [Fact]
    public async Task Purge_ProductionBeforeItsTime_IsRefused()
    {
        var tenant = await ReadyAsync(NewName("guardado"));
        await DeleteAsync(tenant);

        await AssertRefusedAsync("retention_too_short", () => Trash.PurgeAsync(Host.Admin, tenant.Id, tenant.Subdomain!, "x", CoreHost.AdminPassword, Cancellation));
        await PostgresServer.ExecuteAsync(Host.Master, $"UPDATE portal.tenant_trash SET purge_after = now() - interval '1 second' WHERE id = {tenant.Id}", Cancellation);
        var operation = await Host.EndOfAsync(await Trash.PurgeAsync(Host.Admin, tenant.Id, tenant.Subdomain!, "fin", CoreHost.AdminPassword, Cancellation));

        Assert.True(operation.State == OperationState.Succeeded, $"{operation.Error}");
        await WorldCheck.AssertAgreesAsync(Host);
    }

    private async Task DeleteAsync(Tenant tenant, int? days = null)
    {
        var operation = await Host.EndOfAsync(await AskAsync(tenant, days));
        Assert.True(operation.State == OperationState.Succeeded, $"{operation.State}: {operation.Error}");
    }

    private Task<Guid> AskAsync(Tenant tenant, int? days) =>
        Deletion.DeleteAsync(Host.Admin, tenant.Id, new HardDelete(tenant.Subdomain!, "Fin de contrato", CoreHost.AdminPassword, days), Cancellation);

    private Task<long> DatabasesAsync(string name) => Host.ScalarAsync<long>("postgres", $"SELECT count(*) FROM pg_database WHERE datname = {SqlLiteral.Quote(name)}");

    private Task<string?> DatabaseIdAsync(int tenantId) => Host.ScalarAsync<string>(Host.Master.Database, $"SELECT replace(id::text, '-', '') FROM portal.databases WHERE tenant_id = {tenantId}");

    private Task<string?> RowTextAsync(int tenantId) =>
        Host.ScalarAsync<string>(Host.Master.Database, $"SELECT (to_jsonb(c) - 'updated_at' - 'tokens_valid_after')::text FROM clientes_saas c WHERE id = {tenantId}");

    private async Task<int> ReconnectAsync(Tenant tenant, CancellationToken cancellationToken)
    {
        var connected = 0;
        var url = (await TenantUrlAsync(tenant)).ConnectionString;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(url) { Pooling = false }.ConnectionString);
                await connection.OpenAsync(cancellationToken);
                connected++;
                await using var command = new NpgsqlCommand("SELECT pg_sleep(60)", connection);
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
            catch (Exception e) when (e is NpgsqlException or OperationCanceledException)
            {
                // Thrown out or refused: it tries again at once, as a pool would.
                await Task.Yield();
            }
        }

        return connected;
    }

    private async Task<PostgresUrl> TenantUrlAsync(Tenant tenant)
    {
        await using var db = await Host.OpenMasterAsync();
        var credential = await db.Credentials.SingleAsync(c => c.TenantId == tenant.Id && c.IsCurrent, Cancellation);
        return Server.PortalUrl(tenant.DatabaseName!).WithUser(credential.RoleName, Host.Get<Vigia.Core.Tenancy.TenantConnections>().Unprotect(credential));
    }
}
