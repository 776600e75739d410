using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Lifecycle.Credentials;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Lifecycle.Reclaiming;
using Vigia.Core.Lifecycle.Renaming;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.Lifecycle.SchemaUpgrades;

namespace Vigia.Tests.Faults;

/// <summary>Work on one tenant, killed at its steps.</summary>
public sealed class KillTests(PostgresServer server) : KillTestBase(server)
{
    [Fact]
    public async Task Provisioning_KilledAtEachStep_EndsReady()
    {
        var registered = await Host.Get<TenantRegistration>()
            .RegisterAsync(Host.Admin, Request(NewName("muere"), r => r with { Provision = true }), Cancellation);

        await KillAtEachStepAsync(
            registered.OperationId!.Value,
            ["reserve", "create_database", "init_schema", "isolate", "create_admin", "prove", "verify_and_make_ready"]);

        Assert.Equal((TenantState.Ready, true),
            await RowAsync(registered.TenantId) is var row ? (row.State, row.IsActive) : default);
    }

    [Fact]
    public async Task DeletionAtOnce_KilledAtEachStep_LeavesNothing()
    {
        var tenant = await ProvisionAsync(NewName("borrado"), "demo");
        var operation = await Host.Get<TenantDeletion>()
            .DeleteAsync(Host.Admin, tenant.Id,
                new DeletionRequest(tenant.Subdomain!, "fin", CoreHost.AdminPassword, 0),
            Cancellation);

        await KillAtEachStepAsync(
            operation, ["look", "block", "terminate", "trash", "drop_database", "drop_roles", "certificate"]);

        Assert.Equal(0L, await Host.ScalarAsync<long>(
            "postgres", $"SELECT count(*) FROM pg_database WHERE datname LIKE '%{tenant.Subdomain}'"));
        Assert.Equal(1, await RecordsAsync(tenant.Id, "tenant.purged"));
    }

    [Fact]
    public async Task Restore_KilledAtEachStep_EndsAsItWas()
    {
        // A test above kills the deletion, which moves the tenant to the trash, at each of its steps.
        Tenant tenant;
        await using (await StartWorkersAsync())
        {
            tenant = await ProvisionWithAsync(NewName("vuelto"), "produccion");
            var delete = await Host.Get<TenantDeletion>()
                .DeleteAsync(Host.Admin, tenant.Id,
                    new DeletionRequest(tenant.Subdomain!, "fin", CoreHost.AdminPassword),
                Cancellation);
            Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(delete)).State);
        }

        var restore = await Host.Get<TrashService>().RestoreAsync(Host.Admin, tenant.Id, null, Cancellation);

        await KillAtEachStepAsync(restore, ["rename", "open", "migrate", "verify", "prove", "return"]);

        var row = await RowAsync(tenant.Id);
        Assert.Equal((TenantState.Ready, true, tenant.DatabaseName), (row.State, row.IsActive, row.DatabaseName));
    }

    [Fact]
    public async Task Reclaim_KilledAtEachStep_EndsReady()
    {
        var tenant = await ProvisionAsync(NewName("retomado"), "produccion");
        var marker = await Host.ScalarAsync<string>("postgres",
            $"SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{tenant.DatabaseName}'");
        await PostgresServer.ExecuteAsync(
            Server.SuperuserUrl("postgres"),
            $"COMMENT ON DATABASE \"{tenant.DatabaseName}\" IS NULL; "
            + $"GRANT ALL ON DATABASE \"{tenant.DatabaseName}\" TO PUBLIC", Cancellation);
        Assert.Null(await Host.Get<TenantContents>().CountAsync(Host.Admin, tenant.Id, Cancellation));
        var operation = await Host.Get<TenantReclaiming>()
            .ReclaimAsync(Host.Admin, tenant.Id, "restaurada", Cancellation);

        await KillAtEachStepAsync(operation, ["inspect", "mark", "isolate", "prove", "return"]);

        var row = await RowAsync(tenant.Id);
        Assert.Equal((TenantState.Ready, true), (row.State, row.IsActive));
        Assert.Equal(marker,
            await Host.ScalarAsync<string>("postgres",
                "SELECT shobj_description(oid, 'pg_database') FROM pg_database "
                + $"WHERE datname = '{tenant.DatabaseName}'"));
        Assert.Equal(1, await RecordsAsync(tenant.Id, "tenant.reclaimed"));
    }

    [Fact]
    public async Task Rotation_KilledAtEachStep_EndsWithOneRole()
    {
        var tenant = await ProvisionAsync(NewName("rotado"), "produccion");
        var operation = await Host.Get<CredentialService>().RotateAsync(Host.Admin, tenant.Id, "cambio", Cancellation);

        await KillAtEachStepAsync(operation, ["new_role", "switch_role", "old_sessions", "drop_old_role"]);

        Assert.Equal(1L, await Host.ScalarAsync<long>(
            Host.Master.Database,
            $"""
            SELECT count(*) FROM portal.tenant_credentials
            WHERE tenant_id = {tenant.Id} AND is_current
              AND created_at >= (SELECT created_at FROM portal.operations WHERE id = '{operation}')
            """));
        Assert.Equal(1, await RecordsAsync(tenant.Id, "tenant.credential_rotated"));
    }

    protected override void Configure(IServiceCollection services)
    {
        base.Configure(services);

        // The portals of these tests have no mail server, so what is to be sent stays pending.
        services.Configure<MailOptions>(mail => (mail.Host, mail.Port, mail.Security, mail.From) =
            ("127.0.0.1", MailServer.FreePort(), MailSecurity.None, "portal@vigia.test"));
    }

    [Theory]
    [InlineData("switch_name")]
    [InlineData("move_invitations")]
    public async Task Rename_KilledAtEachStep_IsDoneOnceAndThePendingInvitationMoves(string step)
    {
        var (old, name) = (NewName("antes"), NewName("ahora"));
        var id = (await ProvisionAsync(old, "demo")).Id;
        await Host.Get<TenantInvitations>().InviteAsync(Host.Admin, id, new(), Cancellation);
        var mail = await PendingMailAsync(id);
        Assert.Contains($"https://{old}.vigia.test/invitacion?token=", mail, StringComparison.Ordinal);
        var operation = await Host.Get<TenantRenaming>().RenameAsync(Host.Admin, id, name, "cambio", Cancellation);

        // The usual run kills at every third step only, the second of a list first.
        await KillAtEachStepAsync(operation, [step, step]);

        var row = await RowAsync(id);
        Assert.Equal((name, $"vigia_{old}"), (row.Subdomain, row.DatabaseName));
        Assert.Equal(1, await RecordsAsync(id, "tenant.renamed"));
        var alias = Assert.Single(await Host.Get<TenantRenaming>().AliasesAsync(Host.Admin, id, Cancellation));
        Assert.Equal((old, operation), (alias.Name, alias.OperationId));
        Assert.Equal(mail.Replace($"//{old}.", $"//{name}.", StringComparison.Ordinal), await PendingMailAsync(id));
        var invitation = await Host.Get<TenantInvitations>().LastAsync(Host.Admin, id, Cancellation);
        Assert.Equal((null, null), (invitation!.RevokedAt, invitation.UsedAt));
    }

    private async Task<string> PendingMailAsync(int tenantId)
    {
        await using var db = await Host.OpenMasterAsync();
        return Host.Get<Outbox>().Open(await db.Set<OutboxMessage>().AsNoTracking().SingleAsync(
            m => m.TenantId == tenantId && m.State == OutboxState.Pending, Cancellation));
    }

    [Fact]
    public async Task Upgrade_KilledAtEachStep_EndsAtTheNewSchema()
    {
        var tenant = await ProvisionAsync(NewName("sube"), "produccion");
        await OldSchema.MakeAsync(Host, tenant, Cancellation);
        var operation = await Host.Get<SchemaUpgradeService>().StartOneAsync(Host.Admin, tenant.Id, Cancellation);

        await KillAtEachStepAsync(operation, ["migrate", "check"]);

        Assert.Equal(NextBuild.Versions.Head, (await RowAsync(tenant.Id)).SchemaVersion);
        Assert.Equal(1, await RecordsAsync(tenant.Id, "tenant.schema_migrated"));
    }
}
