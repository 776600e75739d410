using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Deletion;

public sealed class DeletionTests(PostgresServer server) : DeletionTestBase(server)
{
    [Fact]
    public async Task Restore_AfterADeletion_BringsEverythingBack()
    {
        var tenant = await ReadyAsync(NewName("vuelve"));
        await Host.Get<TenantActivation>()
            .SuspendAsync(Host.Admin, tenant.Id, "falta_de_pago", "dos meses", Cancellation);
        await PostgresServer.ExecuteAsync(
            Server.SuperuserUrl(tenant.DatabaseName!),
            "INSERT INTO users (email, hashed_password, is_active, roles) VALUES ('luz@x.pe', 'x', true, ARRAY['qa'])",
            Cancellation);
        var before = await RowTextAsync(tenant.Id);

        await DeleteAsync(tenant);
        Assert.Equal(0L, await DatabasesAsync(tenant.DatabaseName!));
        Assert.Equal(1L, await DatabasesAsync($"vigia_trash_{await DatabaseIdAsync(tenant.Id)}"));
        var back = await Host.EndOfAsync(await Trash.RestoreAsync(Host.Admin, tenant.Id, null, Cancellation));

        Assert.True(back.State == OperationState.Succeeded, $"{back.Error}");
        Assert.Equal(before, await RowTextAsync(tenant.Id));
        await using var session = await Host.Get<TenantConnections>()
            .OpenAsync(tenant.Id, tenant.DatabaseName!, Cancellation);
        await using var command = new NpgsqlCommand("SELECT count(*) FROM users", session);
        Assert.Equal(2L, await command.ExecuteScalarAsync(Cancellation));
    }

    [Fact]
    public async Task Delete_NameIsReused_RestoreNamesTheHolder()
    {
        var name = NewName("libre");
        var tenant = await ReadyAsync(name);
        await DeleteAsync(tenant);
        var second = await ReadyAsync(name);

        await AssertRefusedAsync(
            "subdominio_taken", () => Trash.RestoreAsync(Host.Admin, tenant.Id, null, Cancellation));
        var back = await Host.EndOfAsync(await Trash.RestoreAsync(Host.Admin, tenant.Id, $"{name}-2", Cancellation));

        Assert.True(back.State == OperationState.Succeeded, $"{back.Error}");
        Assert.Equal($"{name}-2", (await RowAsync(tenant.Id)).Subdomain);
        Assert.Equal(name, (await RowAsync(second.Id)).Subdomain);
        Assert.NotEqual((await RowAsync(tenant.Id)).DatabaseName, (await RowAsync(second.Id)).DatabaseName);
    }

    [Fact]
    public async Task Delete_DemoAtOnce_DropsDatabaseAndRolesAndCertifies()
    {
        var tenant = await ReadyAsync(NewName("efimera"), "demo");

        await DeleteAsync(tenant, days: 0);

        Assert.Equal(0L, await Host.ScalarAsync<long>(
            "postgres",
            $"SELECT count(*) FROM pg_database WHERE datname LIKE '%{tenant.Subdomain}%' "
            + $"OR datname LIKE 'vigia\\_trash\\_{await DatabaseIdAsync(tenant.Id)}'"));
        await using var db = await Host.OpenMasterAsync();
        Assert.False(await db.Set<TenantCredential>().AnyAsync(c => c.TenantId == tenant.Id, Cancellation));
        Assert.False(await db.Set<TrashedTenant>().AnyAsync(t => t.Id == tenant.Id, Cancellation));
        Assert.Equal(1, await RecordsAsync(tenant.Id, "tenant.purged"));
    }

    [Fact]
    public async Task Delete_NotAllowed_IsRefusedAndChangesNothing()
    {
        var tenant = await ReadyAsync(NewName("firme"));
        var right = new DeletionRequest(tenant.Subdomain!, "Fin de contrato", CoreHost.AdminPassword);
        Task Ask(DeletionRequest request) => Deletion.DeleteAsync(Host.Admin, tenant.Id, request, Cancellation);

        await AssertInvalidAsync("confirm", "confirmation_wrong", () => Ask(right with { Confirm = "otro" }));
        await AssertInvalidAsync("reason", "reason_required", () => Ask(right with { Reason = " " }));
        await AssertInvalidAsync("reason", "text_forbidden_character", () => Ask(right with { Reason = "fin\0" }));
        await AssertInvalidAsync("reason", "text_forbidden_character", () => Ask(right with { Reason = "fin \u202e" }));
        await AssertInvalidAsync("reason", "text_too_long", () => Ask(right with { Reason = new string('x', 1001) }));
        await AssertRefusedAsync("password_wrong", () => Ask(right with { Password = "no-es" }));
        await AssertRefusedAsync("retention_too_short", () => Ask(right with { RetentionDays = 0 }));
        await AssertRefusedAsync("retention_too_short", () => Ask(right with { RetentionDays = 6 }));

        // A confirmation is valid only for this action, this tenant as it was shown, this number of days and this
        // reason. A password is valid for anything, so the page says what it showed.
        foreach (var other in new[]
        {
            Deletion.SignatureOf(tenant, "Otra razón", null),
            Deletion.SignatureOf(tenant, right.Reason, 60),
            Deletion.SignatureOf(
                await SeenAsync(tenant, TenantEnvironments.Demo, tenant.LegalName), right.Reason, null),
            Deletion.SignatureOf(await SeenAsync(tenant, tenant.Environment, "Otra S.A.C."), right.Reason, null),
            Deletion.SignatureOf(await ReadyAsync(NewName("vecina")), right.Reason, null),
            new SignedAction(SignedAction.TenantPurge, Deletion.SignatureOf(tenant, right.Reason, null).Target),
        })
        {
            var proof = await Host.Get<Confirmations>()
                .IssueAsync(Host.Admin.StaffId!.Value, other, SignInMethods.Passkey, Cancellation);
            await AssertRefusedAsync("confirmation_stale", () => Ask(right with { Password = proof }));
            await AssertRefusedAsync("confirmation_stale", () => Ask(right with { Shown = other }));
        }

        var row = await RowAsync(tenant.Id);
        Assert.Equal((TenantState.Ready, true), (row.State, row.IsActive));
        Assert.Equal(0, await RecordsAsync(tenant.Id, "tenant.delete_requested"));
    }

    [Fact]
    public async Task Delete_SessionsReconnectConstantly_StillEnds()
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
    public async Task Delete_SessionOfASuperuser_WaitsNamesItAndContinues()
    {
        var tenant = await ReadyAsync(NewName("super"));
        var held = await PostgresServer.OpenAsync(Server.SuperuserUrl(tenant.DatabaseName!), Cancellation);
        var operation = await Host.EndOfAsync(await AskDeletionAsync(tenant, null));

        Assert.Equal(OperationState.Waiting, operation.State);
        var holder = Assert.Single(operation.Error!.Parts);
        Assert.Equal(("holder_session", $"{held.ProcessID}"), (holder.Code, holder.Args[3]));
        await using (await Host.Get<TenantConnections>().OpenAsync(tenant.Id, tenant.DatabaseName!, Cancellation))
        {
            // Nothing is closed at this point.
        }

        Assert.Equal(TenantState.Deleting, (await RowAsync(tenant.Id)).State);
        await AssertRefusedAsync(
            "is_deleting", () => Host.Get<TenantActivation>().ReactivateAsync(Host.Admin, tenant.Id, Cancellation));
        await held.DisposeAsync();
        await Host.Get<OperationService>().RetryAsync(Host.Admin, operation.Id, Cancellation);

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(operation.Id)).State);
    }

    [Fact]
    public async Task Delete_CancelledWhileWaiting_LeavesTheTenantUnchanged()
    {
        var tenant = await ReadyAsync(NewName("arrepentido"));
        await using var held = await PostgresServer.OpenAsync(Server.SuperuserUrl(tenant.DatabaseName!), Cancellation);
        var operation = await Host.EndOfAsync(await AskDeletionAsync(tenant, null));
        Assert.Equal(OperationState.Waiting, operation.State);

        await Host.Get<OperationService>().CancelAsync(Host.Admin, operation.Id, Cancellation);

        Assert.Equal(OperationState.Cancelled, (await Host.EndOfAsync(operation.Id)).State);
        var row = await RowAsync(tenant.Id);
        Assert.Equal((TenantState.Ready, true), (row.State, row.IsActive));
        await using var session = await Host.Get<TenantConnections>()
            .OpenAsync(tenant.Id, tenant.DatabaseName!, Cancellation);
    }

    [Fact]
    public async Task Delete_AfterAFailedRestore_IsRefusedUntilThatIsCancelled()
    {
        var tenant = await ReadyAsync(NewName("a-medias"), "demo");
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(await AskDeletionAsync(tenant, 7))).State);
        await Server.CreateDatabaseAsync(tenant.DatabaseName, null, Cancellation);
        var restore = await Host.EndOfAsync(
            await Host.Get<TrashService>().RestoreAsync(Host.Admin, tenant.Id, null, Cancellation));
        Assert.Equal((OperationState.Failed, TenantState.Failed), (restore.State, (await RowAsync(tenant.Id)).State));

        await AssertRefusedAsync("not_ready", () => AskDeletionAsync(tenant, 0));
        await AssertRefusedAsync("not_ready", () => AskDeletionAsync(tenant, null));

        // The pages disable the buttons for the same reasons.
        var view = (await Host.Get<TenantSearch>().GetAsync(Host.Admin, tenant.Id, Cancellation)).View!;
        Assert.Equal("not_ready", TenantAction.Delete.FindRefusal(view.Standing));
        var trashed = (await Trash.ListAsync(Host.Admin, 1, 200, null, Cancellation)).Items
            .Single(t => t.Id == tenant.Id);
        Assert.False(TrashAction.Restore.IsPossible(TrashStandings.Of(trashed, [], DateTimeOffset.UtcNow)));
        await AssertRefusedAsync(
            "operation_running", () => Trash.RestoreAsync(Host.Admin, tenant.Id, null, Cancellation));
        await Host.Get<OperationService>().CancelAsync(Host.Admin, restore.Id, Cancellation);

        Assert.Equal(OperationState.Cancelled, (await Host.EndOfAsync(restore.Id)).State);
        Assert.Null((await Host.Get<TenantSearch>().GetAsync(Host.Admin, tenant.Id, Cancellation)).View);
        await Server.DropDatabaseAsync(tenant.DatabaseName!, Cancellation);
        var again = await Host.EndOfAsync(
            await Host.Get<TrashService>().RestoreAsync(Host.Admin, tenant.Id, null, Cancellation));
        Assert.Equal((OperationState.Succeeded, TenantState.Ready), (again.State, (await RowAsync(tenant.Id)).State));
        await WorldCheck.AssertAgreesAsync(Host);
    }

    [Fact]
    public async Task Restore_DatabaseOfThatNameOnAnotherServer_KeepsItsName()
    {
        var tenant = await ReadyAsync(NewName("servidor"));
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(await AskDeletionAsync(tenant, 7))).State);
        await Host.PauseWorkersAsync(true);
        await PostgresServer.ExecuteAsync(Host.Master, $"""
            INSERT INTO portal.database_servers (id, name, failures) VALUES (2, 'otro', 0);
            UPDATE portal.tenant_trash SET server_id = 2 WHERE id = {tenant.Id};
            INSERT INTO portal.databases (id, server_id, name, kind, created_at)
                VALUES (gen_random_uuid(), 1, '{tenant.DatabaseName}', 'spare', now())
            """, Cancellation);

        await Trash.RestoreAsync(Host.Admin, tenant.Id, NewName("nuevo"), Cancellation);

        Assert.Equal(tenant.DatabaseName, (await RowAsync(tenant.Id)).DatabaseName);
    }

    [Fact]
    public async Task Delete_DuringProvisioning_IsRefused()
    {
        await Host.PauseWorkersAsync(true);
        var registered = await Host.Get<TenantRegistration>()
            .RegisterAsync(Host.Admin, Request(NewName("naciendo"), r => r with { Provision = true }), Cancellation);
        var row = await RowAsync(registered.TenantId);

        await AssertRefusedAsync(
            "operation_running",
            () => Deletion.DeleteAsync(
            Host.Admin, row.Id, new DeletionRequest(row.Subdomain!, "x", CoreHost.AdminPassword), Cancellation));

        await Host.PauseWorkersAsync(false);
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(registered.OperationId!.Value)).State);
    }

    [Fact]
    public async Task Delete_MarkerMissing_IsRefusedAndTouchesNothing()
    {
        var tenant = await ReadyAsync(NewName("ajena"));
        await PostgresServer.ExecuteAsync(
            Server.SuperuserUrl("postgres"), $"COMMENT ON DATABASE \"{tenant.DatabaseName}\" IS 'of somebody else'",
            Cancellation);

        var refused = await Assert.ThrowsAsync<RuleException>(() => AskDeletionAsync(tenant, null));

        Assert.Equal("tenant_unmanaged", refused.Reason.Code);
        Assert.Equal(1L, await DatabasesAsync(tenant.DatabaseName!));
    }

    // The row as a page showed it, before somebody changed it to what it is. The change back is never committed.
    private async Task<Tenant> SeenAsync(Tenant tenant, string? environment, string? name)
    {
        await using var db = await Host.OpenMasterAsync();
        await using var transaction = await db.Database.BeginTransactionAsync(Cancellation);
        await db.Database.ExecuteSqlAsync(
            $"UPDATE clientes_saas SET entorno = {environment}, razon_social = {name} WHERE id = {tenant.Id}",
            Cancellation);
        return await db.Set<Tenant>().AsNoTracking().SingleAsync(t => t.Id == tenant.Id, Cancellation);
    }

    private Task<string?> DatabaseIdAsync(int tenantId) =>
        Host.ScalarAsync<string>(
        Host.Master.Database, $"SELECT replace(id::text, '-', '') FROM portal.databases WHERE tenant_id = {tenantId}");

    private Task<string?> RowTextAsync(int tenantId) =>
        Host.ScalarAsync<string>(
            Host.Master.Database,
            "SELECT (to_jsonb(c) - 'updated_at' - 'tokens_valid_after')::text "
            + $"FROM clientes_saas c WHERE id = {tenantId}");

    private async Task<int> ReconnectAsync(Tenant tenant, CancellationToken cancellationToken)
    {
        var connected = 0;
        var url = await TenantUrlAsync(tenant);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await PostgresServer.OpenAsync(url, cancellationToken);
                connected++;
                await using var command = new NpgsqlCommand("SELECT pg_sleep(60)", connection);
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
            catch (Exception e) when (e is NpgsqlException or OperationCanceledException)
            {
                // The session was ended or refused. It tries again at once, as a connection pool would.
                await Task.Yield();
            }
        }

        return connected;
    }

    private async Task<PostgresUrl> TenantUrlAsync(Tenant tenant)
    {
        await using var db = await Host.OpenMasterAsync();
        var credential = await db.Set<TenantCredential>()
            .SingleAsync(c => c.TenantId == tenant.Id && c.IsCurrent, Cancellation);
        return Server.PortalUrl(tenant.DatabaseName!)
            .WithUser(credential.RoleName, Host.Get<TenantConnections>().Unprotect(credential));
    }

    private Task<long> DatabasesAsync(string name) =>
        Host.ScalarAsync<long>(
        "postgres", $"SELECT count(*) FROM pg_database WHERE datname = {SqlLiteral.Quote(name)}");
}
