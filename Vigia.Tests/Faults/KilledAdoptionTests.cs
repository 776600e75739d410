using Vigia.Core.Lifecycle.Adoption;
using Vigia.Core.Registry.Tenants;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.Lifecycle.Adoption;

namespace Vigia.Tests.Faults;

/// <summary>An adoption, its undo and its completion, killed at their steps.</summary>
public sealed class KilledAdoptionTests(PostgresServer server) : KillTestBase(server)
{
    [Fact]
    public async Task AdoptAndUndo_KilledAtEachStep_LeaveTheDatabaseAsItWas()
    {
        await using var database = await ProductDatabase.CreateAsync(Server, ProductDatabase.Tables);
        await database.AsSuperuserAsync($"GRANT {database.Owner} TO {PostgresServer.PortalRole}");
        var id = await Host.ScalarAsync<int>(Host.Master.Database, $"""
            INSERT INTO clientes_saas (ruc, razon_social, subdominio, correo_acceso, is_active, db_name)
            VALUES ('{NewRuc()}', 'Producto', '{NewName("muerto")}', 'a@b.pe', false, '{database.Name}') RETURNING id
            """);
        var columns = await database.ColumnsAsync();
        var rows = await database.ChecksumsAsync(columns);
        var signed = new AdoptionRequest(true, "copia externa", CoreHost.AdminPassword);

        await KillAtEachStepAsync(
            await Host.Get<AdoptionService>().AdoptAsync(Host.Admin, id, signed, Cancellation),
            ["inspect_foreign", "mark_adopted", "isolate", "add_missing", "prove", "register_adopted"]);
        Assert.Equal(TenantState.Ready, (await RowAsync(id)).State);
        Assert.Equal(1, await RecordsAsync(id, "tenant.adopted"));
        await KillAtEachStepAsync(
            await Host.Get<AdoptionFollowUps>().UndoAsync(Host.Admin, id, "prueba", Cancellation),
            ["begin_undo", "remove_added", "list_kept", "drop_adopted_roles", "unmark", "forget_adoption"]);

        Assert.Equal((TenantState.Unmanaged, 1),
            ((await RowAsync(id)).State, await RecordsAsync(id, "tenant.adoption_undone")));
        Assert.Equal(columns, await database.ColumnsAsync());
        Assert.Equal(rows, await database.ChecksumsAsync(columns));
    }

    [Fact]
    public async Task Complete_KilledAtEachStep_CountsOnceAndKnowsWhatItMade()
    {
        await using var database = await ProductDatabase.CreateAsync(Server, ProductDatabase.Tables);
        await database.AsSuperuserAsync($"GRANT {database.Owner} TO {PostgresServer.PortalRole}");
        var id = await Host.ScalarAsync<int>(Host.Master.Database, $"""
            INSERT INTO clientes_saas (ruc, razon_social, subdominio, correo_acceso, max_usuarios, db_name)
            VALUES ('{NewRuc()}', 'Producto', '{NewName("entero")}', 'a@b.pe', 9, '{database.Name}') RETURNING id
            """);
        var signed = new AdoptionRequest(true, "copia externa", CoreHost.AdminPassword);
        await using (await StartPortalAsync())
        {
            await Host.EndOfAsync(await Host.Get<AdoptionService>().AdoptAsync(Host.Admin, id, signed, Cancellation));
        }

        await Host.Get<AdoptionFollowUps>().ConfirmAsync(Host.Admin, id, Cancellation);
        var columns = await database.ColumnsAsync();
        var rows = await database.ChecksumsAsync(columns);

        await KillAtEachStepAsync(
            await Host.Get<AdoptionFollowUps>().CompleteAsync(Host.Admin, id, Cancellation),
            ["add_triggers", "record_completion"]);

        Assert.Equal(1, await RecordsAsync(id, "tenant.adoption_completed"));
        Assert.Equal((2, 9), (
            await database.ScalarAsync<int>("SELECT usado FROM tenant_usage WHERE limite = 'max_usuarios'"),
            await database.ScalarAsync<int>("SELECT maximo FROM tenant_usage WHERE limite = 'max_usuarios'")));
        Assert.Equal(rows.Where(r => !r.Contains("tenant_", StringComparison.Ordinal)),
            (await database.ChecksumsAsync(columns)).Where(r => !r.Contains("tenant_", StringComparison.Ordinal)));
        Assert.Equal(await database.ScalarAsync<long>("SELECT 'users'::regclass::oid::bigint"),
            await Host.ScalarAsync<long>(Host.Master.Database, $"""
                SELECT (o ->> 'Oid')::bigint FROM portal.adoptions, jsonb_array_elements(made -> 'Objects') AS o
                WHERE tenant_id = {id} AND o ->> 'Part' = 'users_count_insert'
                """));
    }
}
