using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Operations;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Staff.SignIn;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Deletion;

/// <summary>The end of a stay in the trash.</summary>
public sealed class PurgeTests(PostgresServer server) : DeletionTestBase(server)
{
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

        // The action that was signed or shown too early differs from the present one.
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

    [Fact]
    public async Task EmptyTrash_OnePurgeFails_OthersRunAndItIsRepeatedAfterADay()
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
}
