using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Deletion;

public sealed class DeletionTests(PostgresServer server) : CoreTestBase(server)
{
    private TenantDeletion Deletion => Host.Get<TenantDeletion>();

    private TrashService Trash => Host.Get<TrashService>();

    [Fact]
    public async Task DeleteAndUndo_BringsBackExactlyWhatWas()
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
    public async Task Delete_NameIsFreeAtOnce_AndUndoSaysWhoHasIt()
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
    public async Task Delete_DemoAtOnce_DatabaseAndRolesAreGoneAndItIsCertified()
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
    public async Task Delete_WhatMustNotBe_IsRefusedAndNothingChanges()
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
        var holder = Assert.Single(operation.Error!.Parts);
        Assert.Equal(("holder_session", $"{held.ProcessID}"), (holder.Code, holder.Args[3]));
        await using (await Host.Get<TenantConnections>().OpenAsync(tenant.Id, tenant.DatabaseName!, Cancellation))
        {
            // Nothing is closed at this point.
        }

        Assert.Equal(TenantState.Deleting, (await RowAsync(tenant.Id)).State);
        await AssertRefusedAsync(
            "not_ready", () => Host.Get<TenantActivation>().ReactivateAsync(Host.Admin, tenant.Id, Cancellation));
        await held.DisposeAsync();
        await Host.Get<OperationService>().RetryAsync(Host.Admin, operation.Id, Cancellation);

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(operation.Id)).State);
    }

    [Fact]
    public async Task Delete_CancelledWhileItWaits_TheTenantIsAsBefore()
    {
        var tenant = await ReadyAsync(NewName("arrepentido"));
        await using var held = await PostgresServer.OpenAsync(Server.SuperuserUrl(tenant.DatabaseName!), Cancellation);
        var operation = await Host.EndOfAsync(await AskAsync(tenant, null));
        Assert.Equal(OperationState.Waiting, operation.State);

        await Host.Get<OperationService>().CancelAsync(Host.Admin, operation.Id, Cancellation);

        Assert.Equal(OperationState.Cancelled, (await Host.EndOfAsync(operation.Id)).State);
        var row = await RowAsync(tenant.Id);
        Assert.Equal((TenantState.Ready, true), (row.State, row.IsActive));
        await using var session = await Host.Get<TenantConnections>()
            .OpenAsync(tenant.Id, tenant.DatabaseName!, Cancellation);
    }

    [Fact]
    public async Task Delete_AfterARestoreThatFailed_IsRefusedUntilThatIsCancelled()
    {
        var tenant = await ReadyAsync(NewName("a-medias"), "demo");
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(await AskAsync(tenant, 7))).State);
        await Server.CreateDatabaseAsync(tenant.DatabaseName, null, Cancellation);
        var restore = await Host.EndOfAsync(
            await Host.Get<TrashService>().RestoreAsync(Host.Admin, tenant.Id, null, Cancellation));
        Assert.Equal((OperationState.Failed, TenantState.Failed), (restore.State, (await RowAsync(tenant.Id)).State));

        await AssertRefusedAsync("not_ready", () => AskAsync(tenant, 0));
        await AssertRefusedAsync("not_ready", () => AskAsync(tenant, null));

        // The pages disable the buttons for the same reasons.
        var view = (await Host.Get<TenantSearch>().GetAsync(Host.Admin, tenant.Id, Cancellation)).View!;
        Assert.Equal("not_ready", TenantAction.Delete.FindRefusal(view.Standing));
        var trashed = await InTrashAsync(tenant.Id);
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
    public async Task Restore_AnotherServerHasADatabaseOfTheName_KeepsItsName()
    {
        var tenant = await ReadyAsync(NewName("servidor"));
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(await AskAsync(tenant, 7))).State);
        await Host.Get<OperationService>().PauseWorkersAsync(Host.Admin, true, Cancellation);
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
    public async Task Delete_WhileItIsBeingProvisioned_IsRefused()
    {
        await Host.Get<OperationService>().PauseWorkersAsync(Host.Admin, true, Cancellation);
        var registered = await Host.Get<TenantRegistration>()
            .RegisterAsync(Host.Admin, Request(NewName("naciendo"), r => r with { Provision = true }), Cancellation);
        var row = await RowAsync(registered.TenantId);

        await AssertRefusedAsync(
            "operation_running",
            () => Deletion.DeleteAsync(
            Host.Admin, row.Id, new DeletionRequest(row.Subdomain!, "x", CoreHost.AdminPassword), Cancellation));

        await Host.Get<OperationService>().PauseWorkersAsync(Host.Admin, false, Cancellation);
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(registered.OperationId!.Value)).State);
    }

    [Fact]
    public async Task Delete_TheMarkerIsGone_IsRefusedAndTouchesNothing()
    {
        var tenant = await ReadyAsync(NewName("ajena"));
        await PostgresServer.ExecuteAsync(
            Server.SuperuserUrl("postgres"), $"COMMENT ON DATABASE \"{tenant.DatabaseName}\" IS 'of somebody else'",
            Cancellation);

        var refused = await Assert.ThrowsAsync<RuleException>(() => AskAsync(tenant, null));

        Assert.Equal("tenant_unmanaged", refused.Reason.Code);
        Assert.Equal(1L, await DatabasesAsync(tenant.DatabaseName!));
    }

    [Fact]
    public async Task Provision_AForeignDatabaseTookTheName_IsAConflictAndTheNextTryWorks()
    {
        var name = NewName("choque");
        var id = await RegisterAsync(name);
        await Server.CreateDatabaseAsync($"vigia_{name}", null, Cancellation);
        var operation = await Host.EndOfAsync(
            await Host.Get<TenantProvisioning>().ProvisionAsync(Host.Admin, id, Cancellation));

        Assert.Equal(OperationState.Failed, operation.State);
        Assert.Contains(operation.Error!.Code,
            new[] { "database_exists_not_ours", "database_name_taken", "database_not_ours" });
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
        var operation = await Host.EndOfAsync(
            await Host.Get<TenantProvisioning>().ProvisionAsync(Host.Admin, id, Cancellation));
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

        await AssertRefusedAsync(
            "retention_too_short",
            () => Trash.PurgeAsync(
            Host.Admin, tenant.Id, new PurgeRequest(tenant.Subdomain!, "x", CoreHost.AdminPassword), Cancellation));
        var early = await InTrashAsync(tenant.Id);
        await PostgresServer.ExecuteAsync(
            Host.Master,
            $"UPDATE portal.tenant_trash SET purge_after = now() - interval '1 second' WHERE id = {tenant.Id}",
            Cancellation);
        var late = await InTrashAsync(tenant.Id);
        var request = new PurgeRequest(
            tenant.Subdomain!, "fin", CoreHost.AdminPassword, TrashService.SignatureOf(late, "fin"));

        // What was signed or shown while it was too early is not what lies there now.
        foreach (var other in new[] { TrashService.SignatureOf(early, "fin"), TrashService.SignatureOf(late, "x") })
        {
            var proof = await Host.Get<Confirmations>()
                .IssueAsync(Host.Admin.StaffId!.Value, other, SignInMethods.Passkey, Cancellation);
            foreach (var stale in new[] { request with { Password = proof }, request with { Shown = other } })
            {
                await AssertRefusedAsync(
                    "confirmation_stale", () => Trash.PurgeAsync(Host.Admin, tenant.Id, stale, Cancellation));
            }
        }

        var operation = await Host.EndOfAsync(
            await Trash.PurgeAsync(Host.Admin, tenant.Id, request, Cancellation));

        Assert.True(operation.State == OperationState.Succeeded, $"{operation.Error}");
        await WorldCheck.AssertAgreesAsync(Host);
    }

    private async Task DeleteAsync(Tenant tenant, int? days = null)
    {
        await NobodyInAsync(tenant);
        var operation = await Host.EndOfAsync(await AskAsync(tenant, days));
        Assert.True(operation.State == OperationState.Succeeded, $"{operation.State}: {operation.Error}");
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

    private Task<Guid> AskAsync(Tenant tenant, int? days) =>
        Deletion.DeleteAsync(
            Host.Admin, tenant.Id,
            new DeletionRequest(tenant.Subdomain!, "Fin de contrato", CoreHost.AdminPassword, days),
            Cancellation);

    private Task<long> DatabasesAsync(string name) =>
        Host.ScalarAsync<long>(
        "postgres", $"SELECT count(*) FROM pg_database WHERE datname = {SqlLiteral.Quote(name)}");

    private Task<string?> DatabaseIdAsync(int tenantId) =>
        Host.ScalarAsync<string>(
        Host.Master.Database, $"SELECT replace(id::text, '-', '') FROM portal.databases WHERE tenant_id = {tenantId}");

    private Task<string?> RowTextAsync(int tenantId) =>
        Host.ScalarAsync<string>(
            Host.Master.Database,
            "SELECT (to_jsonb(c) - 'updated_at' - 'tokens_valid_after')::text "
            + $"FROM clientes_saas c WHERE id = {tenantId}");

    [Fact]
    public async Task EmptyTrash_OneCantBePurged_TheOthersAreAndItIsAskedForAgainAfterADay()
    {
        await ExecuteAsync(
            """
            INSERT INTO portal.tenant_trash
                (id, ruc, legal_name, subdomain, was_active, row, deleted_by_name, reason, deleted_at, purge_after,
                delete_operation_id, server_id)
            SELECT n, (20990000000 + n)::text, 'En la papelera', 'papelera-' || n, true, '{}', 'Ana', 'fin',
                now() - interval '9 days',
                now() - interval '1 hour' * (10 - n), gen_random_uuid(), 1
            FROM generate_series(1, 3) n;
            CREATE FUNCTION public.test_refuse() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'not this one' USING ERRCODE = '23514'; END $$;
            CREATE TRIGGER test_refuse BEFORE INSERT ON portal.operations FOR EACH ROW WHEN (NEW.tenant_id = 1)
                EXECUTE FUNCTION public.test_refuse();
            """);
        await using (var db = await Host.OpenMasterAsync())
        {
            var third = new OperationTarget(3, "20990000003", "papelera-3", 1);
            var failed = Host.Get<OperationQueue>().Enqueue(db, Host.Admin, PurgeTenant.KindName, third, null, 0);
            (failed.State, failed.FinishedAt) = (OperationState.Failed, DateTimeOffset.UtcNow.AddHours(-23));
            await db.SaveChangesAsync(Cancellation);
        }

        var first = await EmptyAsync();
        Assert.Equal((OperationState.Failed, "server_error"), (first.State, first.Error?.Code));
        await PurgedAsync(2);
        Assert.Equal(1L, await Host.ScalarAsync<long>(
            Host.Master.Database, "SELECT count(*) FROM portal.operations WHERE tenant_id = 3"));

        await ExecuteAsync(
            """
            DROP TRIGGER test_refuse ON portal.operations;
            UPDATE portal.operations SET finished_at = now() - interval '25 hours' WHERE tenant_id = 3
            """);
        Assert.Equal(OperationState.Succeeded, (await EmptyAsync()).State);
        await PurgedAsync(1);
        await PurgedAsync(3);

        async Task<Operation> EmptyAsync()
        {
            await using var db = await Host.OpenMasterAsync();
            var operation = Host.Get<OperationQueue>().Enqueue(
                db, Actor.System, EmptyTrash.KindName, (OperationTarget?)null, null, OperationQueue.Background);
            await db.SaveChangesAsync(Cancellation);
            return await Host.EndOfAsync(operation.Id);
        }

        Task PurgedAsync(int id) => Eventually.HoldsAsync(
            $"{id} is purged", async () => await RecordsAsync(id, "tenant.purged") == 1, Cancellation);
        Task ExecuteAsync(string sql) =>
            PostgresServer.ExecuteAsync(Server.SuperuserUrl(Host.Master.Database), sql, Cancellation);
    }

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
}
