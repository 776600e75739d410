using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Adoption;
using Vigia.Core.Lifecycle.Credentials;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Lifecycle.DemoData;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Lifecycle.Limits;
using Vigia.Core.Lifecycle.OutsideRoles;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Lifecycle.Reclaiming;
using Vigia.Core.Lifecycle.Renaming;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Staff.Decisions;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Faults;

/// <summary>The condition that a tenant must be in so that a kind of operation is accepted.</summary>
public enum PairStart
{
    Registered,
    Ready,
    Trashed,
}

/// <summary>A request for one tenant.</summary>
/// <param name="Name">Shown when a test fails.</param>
/// <param name="Start">The condition in which it is accepted.</param>
/// <param name="Kind">The kind of its operation; null when the request itself does the work.</param>
/// <param name="Steps">The steps at which it can fail.</param>
/// <param name="RequestAsync">Makes the request.</param>
public sealed record PairKind(
    string Name, PairStart Start, OperationKind? Kind, string[] Steps, Func<CoreHost, PairTenant, CancellationToken,
    Task> RequestAsync);

/// <summary>All requests that can be made for one tenant.</summary>
public static class PairKinds
{
    private static readonly string[] Purge = ["drop_database", "drop_roles", "certificate"];
    private static readonly string[] Trash = ["look", "block", "terminate", "trash"];

    public static readonly IReadOnlyList<PairKind> All =
    [
        new("provision", PairStart.Registered, ProvisionTenant.KindName,
            ["reserve", "create_database", "init_schema", "isolate", "create_admin", "prove", "verify_and_make_ready"],
            (host, tenant, cancel) => host.Get<TenantProvisioning>().ProvisionAsync(host.Admin, tenant.Id, cancel)),
        new("delete", PairStart.Ready, DeleteTenant.KindName, Trash,
            (host, tenant, cancel) => DeleteAsync(host, tenant, null, cancel)),
        new("delete at once", PairStart.Ready, DeleteTenant.KindName, [.. Trash, .. Purge],
            (host, tenant, cancel) => DeleteAsync(host, tenant, 0, cancel)),
        new("restore", PairStart.Trashed, RestoreTenant.KindName,
            ["rename", "open", "migrate", "verify", "prove", "return"],
            (host, tenant, cancel) => host.Get<TrashService>().RestoreAsync(host.Admin, tenant.Id, null, cancel)),
        new("approved delete", PairStart.Ready, DeleteTenant.KindName, Trash, ApprovedAsync),
        new("reclaim", PairStart.Ready, ReclaimTenant.KindName, ["inspect", "mark", "isolate", "prove", "return"],
            ReclaimAsync),
        new("adopt", PairStart.Ready, AdoptTenant.KindName,
            ["inspect_foreign", "mark_adopted", "isolate", "add_missing", "prove", "register_adopted"], AdoptAsync),
        new("undo adoption", PairStart.Ready, UndoAdoption.KindName,
            ["begin_undo", "remove_added", "list_kept", "drop_adopted_roles", "unmark", "forget_adoption"],
            async (host, tenant, cancel) =>
            {
                await AdoptedAsync(host, tenant, confirmed: false, cancel);
                await host.Get<AdoptionFollowUps>().UndoAsync(host.Admin, tenant.Id, "prueba", cancel);
            }),
        new("complete adoption", PairStart.Ready, CompleteAdoption.KindName, ["add_triggers", "record_completion"],
            async (host, tenant, cancel) =>
            {
                await AdoptedAsync(host, tenant, confirmed: true, cancel);
                await host.Get<AdoptionFollowUps>().CompleteAsync(host.Admin, tenant.Id, cancel);
            }),
        new("purge", PairStart.Trashed, PurgeTenant.KindName, Purge,
            async (host, tenant, cancel) => await host.Get<TrashService>().PurgeAsync(
                host.Admin, tenant.Id,
                new PurgeRequest(await NameNowAsync(host, tenant), "fin", CoreHost.AdminPassword), cancel)),
        new("rotate", PairStart.Ready, RotateCredential.KindName,
            ["new_role", "switch_role", "old_sessions", "drop_old_role"],
            (host, tenant, cancel) =>
                host.Get<CredentialService>().RotateAsync(host.Admin, tenant.Id, "cambio", cancel)),
        new("rename", PairStart.Ready, RenameTenant.KindName, ["switch_name", "move_invitations"],
            (host, tenant, cancel) => host.Get<TenantRenaming>()
                .RenameAsync(host.Admin, tenant.Id, $"par-{Guid.NewGuid():n}", "cambio", cancel)),
        new("limits", PairStart.Ready, ApplyLimitsOperation.KindName, ["apply_limits"],
            (host, tenant, cancel) =>
            EditAsync(host, tenant, d => d with { MaxUsers = (d.MaxUsers ?? 0) + 1 }, cancel)),
        new("address", PairStart.Ready, MoveFirstAdmin.KindName, ["update_admin"],
            (host, tenant, cancel) =>
                EditAsync(host, tenant, d => d with { AccessEmail = $"{Guid.NewGuid():n}@pares.pe" }, cancel)),
        new("migrate", PairStart.Ready, MigrateTenant.KindName, ["migrate", "check"],
            (host, tenant, cancel) => host.Get<SchemaUpgradeService>().StartOneAsync(host.Admin, tenant.Id, cancel)),
        new("prove", PairStart.Ready, ProveTenant.KindName, ["prove"],
            (host, tenant, cancel) => host.Get<IsolationService>().ProveAsync(host.Admin, tenant.Id, cancel)),
        new("fill", PairStart.Ready, DemoDataOperation.KindOf(true), [DemoDataOperation.KindOf(true).Code],
            (host, tenant, cancel) => host.Get<DemoDataService>().FillAsync(host.Admin, tenant.Id, cancel)),
        new("remove", PairStart.Ready, DemoDataOperation.KindOf(false), [DemoDataOperation.KindOf(false).Code],
            (host, tenant, cancel) => host.Get<DemoDataService>().RemoveAsync(host.Admin, tenant.Id, cancel)),
        new("suspend", PairStart.Ready, null, [],
            (host, tenant, cancel) =>
            host.Get<TenantActivation>().SuspendAsync(host.Admin, tenant.Id, "falta_de_pago", null, cancel)),
        new("withdraw", PairStart.Ready, null, [],
            (host, tenant, cancel) =>
            host.Get<TenantActivation>().WithdrawAsync(host.Admin, tenant.Id, "falta_de_pago", null, cancel)),
        new("reactivate", PairStart.Ready, null, [],
            (host, tenant, cancel) => host.Get<TenantActivation>().ReactivateAsync(host.Admin, tenant.Id, cancel)),
        new("suspend many", PairStart.Ready, null, [],
            (host, tenant, cancel) =>
                host.Get<TenantBulk>()
                .StartAsync(host.Admin, new TenantBulkRequest(true, "falta_de_pago"), [tenant.Id], cancel)),
        new("reactivate many", PairStart.Ready, null, [], ReactivateManyAsync),
        new("convert", PairStart.Ready, null, [],
            (host, tenant, cancel) =>
                host.Get<TenantConversion>().ConvertAsync(host.Admin, tenant.Id, new Conversion(), cancel)),
        new("expire demos", PairStart.Ready, null, [],
            (host, tenant, cancel) =>
                RoutineAsync(host, ExpireDemos.KindName,
                $"UPDATE clientes_saas SET expires_at = now() - interval '1 second' WHERE id = {tenant.Id}", cancel)),
        new("empty trash", PairStart.Trashed, null, [],
            (host, tenant, cancel) =>
                RoutineAsync(host, EmptyTrash.KindName,
                $"UPDATE portal.tenant_trash SET purge_after = now() - interval '1 second' WHERE id = {tenant.Id}",
                cancel)),
    ];

    /// <summary>
    /// Kinds of operation that <see cref="All"/> begins without naming them, and kinds on many tenants that only begin
    /// other operations. The kinds of recurring jobs are not here: they are on no single tenant.
    /// </summary>
    public static readonly IReadOnlyList<OperationKind> OtherKinds =
    [
        ToggleMany.KindOf(true), ToggleMany.KindOf(false), MigrateTenants.KindName, AdoptTenants.KindName,
        SyncOutsideRoles.KindName,
    ];

    /// <summary>The kinds whose operation can fail.</summary>
    public static readonly IReadOnlyList<PairKind> Failing = [.. All.Where(k => k.Steps.Length > 0)];

    private static async Task<Guid> DeleteAsync(
        CoreHost host, PairTenant tenant, int? days, CancellationToken cancellationToken) =>
        await host.Get<TenantDeletion>().DeleteAsync(
            host.Admin, tenant.Id, new DeletionRequest(
                await NameNowAsync(host, tenant), "Fin de contrato", CoreHost.AdminPassword, days), cancellationToken);

    // A person types the name that the page shows. A rename may have changed it.
    private static async Task<string> NameNowAsync(CoreHost host, PairTenant tenant) =>
        await host.ScalarAsync<string>(host.Master.Database, $"""
            SELECT coalesce((SELECT subdominio FROM clientes_saas WHERE id = {tenant.Id}),
                (SELECT subdomain FROM portal.tenant_trash WHERE id = {tenant.Id}))
            """) ?? tenant.Subdomain;

    // Only a tenant in production needs a second person's approval.
    private static async Task ApprovedAsync(CoreHost host, PairTenant tenant, CancellationToken cancellationToken)
    {
        await PostgresServer.ExecuteAsync(
            host.Master,
            "UPDATE clientes_saas SET entorno = 'produccion', expires_at = NULL "
            + $"WHERE id = {tenant.Id} AND state = 'ready'", cancellationToken);
        var operation = await DeleteAsync(host, tenant, null, cancellationToken);
        await using var db = await host.OpenMasterAsync();
        if (await db.Set<Approval>()
            .SingleOrDefaultAsync(a => a.OperationId == operation, cancellationToken) is { } asked)
        {
            await using var scope = host.Services.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<ApprovalService>().ApproveAsync(
                tenant.Second, asked.Id, null, CoreHost.AdminPassword, cancellationToken);
        }
    }

    // A restored copy without comments replaces the tenant's database, and this has been noticed.
    private static async Task ReclaimAsync(CoreHost host, PairTenant tenant, CancellationToken cancellationToken)
    {
        var lost = await host.ScalarAsync<string>(
            host.Master.Database,
            $"UPDATE clientes_saas SET state = 'unmanaged' WHERE id = {tenant.Id} AND state = 'ready' "
            + "RETURNING db_name");
        if (lost is not null)
        {
            await PostgresServer.ExecuteAsync(
                host.Server.SuperuserUrl("postgres"), $"COMMENT ON DATABASE {SqlIdentifier.Quote(lost)} IS NULL",
                cancellationToken);
        }

        await host.Get<TenantReclaiming>().ReclaimAsync(host.Admin, tenant.Id, "restaurada", cancellationToken);
    }

    // The database becomes one that the portal did not make: nobody marked it, and the portal has no row of it.
    private static async Task AdoptAsync(CoreHost host, PairTenant tenant, CancellationToken cancellationToken)
    {
        await PostgresServer.ExecuteAsync(host.Server.SuperuserUrl(host.Master.Database), $"""
            DO $$
            DECLARE
                foreign_name text;
                role_name text;
            BEGIN
                UPDATE clientes_saas SET state = 'unmanaged', server_id = NULL WHERE id = {tenant.Id}
                    AND state = 'ready' AND NOT EXISTS (SELECT FROM portal.operations o
                        WHERE o.tenant_id = {tenant.Id}
                            AND o.state IN ('queued', 'running', 'waiting', 'cancelling'))
                    RETURNING db_name INTO foreign_name;
                IF foreign_name IS NULL THEN
                    RETURN;
                END IF;
                FOR role_name IN DELETE FROM portal.tenant_credentials c WHERE c.tenant_id = {tenant.Id}
                    RETURNING c.role_name LOOP
                    EXECUTE format('REVOKE ALL ON DATABASE %I FROM %I', foreign_name, role_name);
                    EXECUTE format('DROP ROLE IF EXISTS %I', role_name);
                END LOOP;
                DELETE FROM portal.databases WHERE tenant_id = {tenant.Id};
                UPDATE portal.adoptions SET ended_at = now() WHERE tenant_id = {tenant.Id} AND ended_at IS NULL;
                EXECUTE format('COMMENT ON DATABASE %I IS NULL', foreign_name);
            END $$
            """, cancellationToken);
        if (await host.ScalarAsync<string>(host.Master.Database, $"""
            SELECT c.db_name FROM clientes_saas c JOIN pg_database d ON d.datname = c.db_name
            WHERE c.id = {tenant.Id} AND c.state = 'unmanaged' AND d.datallowconn
            """) is { } name)
        {
            // The portal signed the content, too.
            await PostgresServer.ExecuteAsync(
                host.Server.SuperuserUrl(name), "COMMENT ON SCHEMA public IS NULL", cancellationToken);
        }

        await host.Get<AdoptionService>().AdoptAsync(
            host.Admin, tenant.Id, new AdoptionRequest(true, "copia externa", CoreHost.AdminPassword),
            cancellationToken);
    }

    // A tenant whose database was adopted, as its row says.
    private static async Task AdoptedAsync(
        CoreHost host, PairTenant tenant, bool confirmed, CancellationToken cancellationToken) =>
        await PostgresServer.ExecuteAsync(host.Master, $$"""
            UPDATE portal.adoptions a SET ended_at = now() FROM clientes_saas c
            WHERE c.id = a.tenant_id AND a.tenant_id = {{tenant.Id}} AND a.ended_at IS NULL AND c.state = 'ready';
            INSERT INTO portal.adoptions (id, tenant_id, database_id, database_name, operation_id, registered_here,
                before, keeps_owner, backup_statement, started_at, adopted_at, undo_until, confirmed_at)
            SELECT gen_random_uuid(), c.id, d.id, d.name, gen_random_uuid(), false, jsonb_build_object(
                    'Oid', (SELECT oid::bigint FROM pg_database WHERE datname = d.name), 'Schema', '{}'::jsonb),
                true, 'copia externa', now(), now(), now() + interval '7 days',
                {{(confirmed ? "now()" : "NULL::timestamptz")}}
            FROM clientes_saas c JOIN portal.databases d ON d.tenant_id = c.id AND d.kind = 'tenant'
            WHERE c.id = {{tenant.Id}} AND c.state = 'ready' ON CONFLICT DO NOTHING
            """, cancellationToken);

    private static async Task ReactivateManyAsync(CoreHost host, PairTenant tenant, CancellationToken cancellationToken)
    {
        await PostgresServer.ExecuteAsync(
            host.Master,
            "UPDATE clientes_saas SET is_active = false, inactive_kind = 'suspended' "
            + $"WHERE id = {tenant.Id} AND is_active", cancellationToken);
        await host.Get<TenantBulk>()
            .StartAsync(host.Admin, new TenantBulkRequest(false), [tenant.Id], cancellationToken);
    }

    private static async Task EditAsync(
        CoreHost host, PairTenant tenant, Func<TenantDetails, TenantDetails> change,
        CancellationToken cancellationToken)
    {
        // The tenant is in the trash or destroyed, so there is no row to edit.
        var seen = (await host.Get<TenantSearch>().GetAsync(host.Admin, tenant.Id, cancellationToken)).View is { } view
            ? TenantDetails.Of(view.Row) : new TenantDetails { TenantId = tenant.Id };
        await host.Get<TenantEditing>().UpdateAsync(host.Admin, tenant.Id, seen, change(seen), cancellationToken);
    }

    private static async Task RoutineAsync(
        CoreHost host, OperationKind kind, string before, CancellationToken cancellationToken)
    {
        await PostgresServer.ExecuteAsync(host.Master, before, cancellationToken);
        await using var db = await host.OpenMasterAsync();
        host.Get<OperationQueue>().Enqueue(db, Actor.System, kind, (OperationTarget?)null, null, OperationQueue.Person);
        await db.SaveChangesAsync(cancellationToken);
    }
}
