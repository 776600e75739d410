using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenancy;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Renaming;

/// <summary>
/// A tenant gets another sub-domain, and the former one is kept for it (docs/rules.md#identity-mistakes).
/// </summary>
public sealed class RenameTests(PostgresServer server) : RenamingTestBase(server)
{
    protected override void Configure(IServiceCollection services) => services.Configure<MailOptions>(mail =>
        (mail.Host, mail.Port, mail.Security, mail.From) =
            ("127.0.0.1", MailServer.FreePort(), MailSecurity.None, "portal@vigia.test"));

    [Fact]
    public async Task Rename_ReadyTenant_KeepsTheDatabaseAndTheFormerName()
    {
        var (old, name) = (NewName("antes"), NewName("despues"));
        var before = await ReadyAsync(old);
        var started = DateTimeOffset.UtcNow;

        await RenameAsync(before.Id, $" {name} ");

        var row = await RowAsync(before.Id);
        Assert.Equal((name, before.DatabaseName, TenantState.Ready, true),
            (row.Subdomain, row.DatabaseName, row.State, row.IsActive));
        Assert.InRange(row.TokensValidAfter!.Value, started, DateTimeOffset.UtcNow);
        await LeadsToAsync(name, TenantRefusal.None, before.Id);
        await LeadsToAsync(old, TenantRefusal.Renamed, before.Id);
        await using (await Host.Get<TenantConnections>().OpenAsync(row.Id, row.DatabaseName!, Cancellation))
        {
            var alias = Assert.Single(await Renaming.AliasesAsync(Host.Support, row.Id, Cancellation));
            Assert.Equal((old, TimeSpan.FromDays(30)), (alias.Name, alias.EndsAt - alias.StartedAt));
        }

        await using var db = await Host.OpenMasterAsync();
        var records = await db.Set<AuditEvent>()
            .Where(e => e.TenantId == row.Id
                && (e.Action == "tenant.rename_requested" || e.Action == "tenant.renamed")).OrderBy(e => e.Seq)
            .ToListAsync(Cancellation);
        Assert.Equal(["tenant.rename_requested", "tenant.renamed"], records.Select(r => r.Action));
        Assert.All(records, record =>
        {
            Assert.Equal("La empresa cambió de nombre", record.Reason);
            Assert.Contains(old, record.Before, StringComparison.Ordinal);
            Assert.Contains(name, record.After, StringComparison.Ordinal);
        });
        await WorldCheck.AssertAgreesAsync(Host);
    }

    [Fact]
    public async Task FormerName_WhileItIsAnAlias_IsTakenForEverybodyElse()
    {
        var (old, name) = (NewName("mio"), NewName("nuevo"));
        var id = await RegisterAsync(old);
        await RenameAsync(id, name);

        await AssertRefusedAsync("subdominio_taken", () => RegisterAsync(old));
        Assert.Equal(id, (await Host.Get<TenantSearch>().CheckAsync(Host.Admin, null, old, Cancellation))
            .SubdomainHolder?.Id);
        var other = await RegisterAsync(NewName("otro"));
        await AssertRefusedAsync("subdominio_taken", () => AskAsync(other, old));
        foreach (var sql in new[] { Insert(old), $"UPDATE clientes_saas SET subdominio = '{old}' WHERE id = {other}" })
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => WriteAsync(sql));
            Assert.Equal((PostgresErrorCodes.UniqueViolation, "vigia_subdominio_alias"),
                (refused.SqlState, refused.ConstraintName));
        }

        // After 30 days any tenant can have it.
        await WriteAsync($"UPDATE portal.tenant_aliases SET ends_at = now() WHERE name = '{old}'");
        await WriteAsync($"UPDATE clientes_saas SET updated_at = now() WHERE id = {id}");
        await LeadsToAsync(old, TenantRefusal.Unknown, null);
        Assert.Empty(await Renaming.AliasesAsync(Host.Admin, id, Cancellation));
        await AssertRefusedAsync("db_name_taken", () => AskAsync(other, old));
        await WriteAsync($"UPDATE clientes_saas SET db_name = '{NewName("vigia_x")}' WHERE id = {id}");
        await RenameAsync(other, old);
        await LeadsToAsync(old, TenantRefusal.NotReady, other);
    }

    [Fact]
    public async Task FormerName_TakenInTheSameInstant_IsRefusedAfterTheRename()
    {
        var (old, name) = (NewName("carrera"), NewName("gana"));
        var id = await RegisterAsync(old);
        await using var rename = await PostgresServer.OpenAsync(
            Server.SuperuserUrl(Host.Master.Database), Cancellation);
        await ExecuteAsync(rename, $"""
            BEGIN;
            INSERT INTO portal.tenant_aliases (name, tenant_id, started_at, ends_at, operation_id)
            VALUES ('{old}', {id}, now(), now() + interval '30 days', gen_random_uuid());
            UPDATE clientes_saas SET subdominio = '{name}' WHERE id = {id}
            """);
        var insert = WriteAsync(Insert(old));
        await Eventually.HoldsAsync("the insert waits for the rename", async () => await Host.ScalarAsync<long>(
            "postgres", "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
            + $"AND query LIKE '%{old}%' AND datname = '{Host.Master.Database}'") == 1, Cancellation);

        await ExecuteAsync(rename, "COMMIT");

        var refused = await Assert.ThrowsAsync<PostgresException>(() => insert);
        Assert.Equal("vigia_subdominio_alias", refused.ConstraintName);
    }

    [Fact]
    public async Task Undo_WithinThirtyDays_GivesTheFormerNameBack()
    {
        var (old, name) = (NewName("vuelve"), NewName("error"));
        var tenant = await ReadyAsync(old);
        await RenameAsync(tenant.Id, name);
        var first = (await RowAsync(tenant.Id)).TokensValidAfter;

        await RenameAsync(tenant.Id, old);

        // Links with the wrong name may exist by now, so it becomes an alias, too.
        var row = await RowAsync(tenant.Id);
        Assert.Equal(old, row.Subdomain);
        Assert.Equal([name], await AliasesAsync(tenant.Id));
        Assert.True(row.TokensValidAfter > first);
        await LeadsToAsync(old, TenantRefusal.None, tenant.Id);
        await LeadsToAsync(name, TenantRefusal.Renamed, tenant.Id);
    }

    [Fact]
    public async Task Rename_SeveralTimes_EveryFormerNameLeadsToTheLast()
    {
        var names = new[] { NewName("uno"), NewName("dos"), NewName("tres") };
        var id = await RegisterAsync(names[0]);
        await RenameAsync(id, names[1]);
        await RenameAsync(id, names[2]);

        await LeadsToAsync(names[0], TenantRefusal.Renamed, id);
        await LeadsToAsync(names[1], TenantRefusal.Renamed, id);
        await LeadsToAsync(names[2], TenantRefusal.NotReady, id);
        Assert.Equal(2, (await AliasesAsync(id)).Length);
    }

    [Fact]
    public async Task Rename_WrongInputOrWrongPerson_IsRefused()
    {
        var name = NewName("igual");
        var id = await RegisterAsync(name);
        Task<Guid> Ask(string? to, string? reason = "x") =>
            Renaming.RenameAsync(Host.Admin, id, to, reason, Cancellation);

        await AssertInvalidAsync("subdominio", "subdominio_same", () => Ask(name));
        await AssertInvalidAsync("subdominio", "subdominio_required", () => Ask(" "));
        await AssertInvalidAsync("subdominio", "subdominio_reserved", () => Ask("www"));
        await AssertInvalidAsync("subdominio", "subdominio_form", () => Ask("Mayúscula"));
        await AssertInvalidAsync("reason", "reason_required", () => Ask(NewName("x"), " "));
        await AssertRefusedAsync("tenant_unknown", () => AskAsync(int.MaxValue, NewName("x")));
        await WriteAsync($"UPDATE clientes_saas SET state = 'unmanaged' WHERE id = {id}");
        await AssertRefusedAsync("tenant_unmanaged", () => Ask(NewName("x")));
        foreach (var role in new[] { StaffRoles.Operator, StaffRoles.Support, StaffRoles.Auditor })
        {
            await Assert.ThrowsAsync<ForbiddenException>(() => Renaming.RenameAsync(
                Host.Admin with { Roles = [role] }, id, NewName("x"), "x", Cancellation));
        }

        Assert.Equal(0, await RecordsAsync(id, "tenant.rename_requested"));
    }

    [Fact]
    public async Task OpenInvitation_NotSentYet_MovesToTheNewAddress()
    {
        var (old, name) = (NewName("invita"), NewName("invitado"));
        var tenant = await ReadyAsync(old);
        await Host.Get<TenantInvitations>().InviteAsync(Host.Admin, tenant.Id, new(), Cancellation);
        var before = await BodyAsync(tenant.Id);
        Assert.Contains($"https://{old}.vigia.test/invitacion?token=", before, StringComparison.Ordinal);

        await RenameAsync(tenant.Id, name);

        Assert.Equal(before.Replace(old + ".vigia.test", name + ".vigia.test", StringComparison.Ordinal),
            await BodyAsync(tenant.Id));
        var open = await Host.Get<TenantInvitations>().LastAsync(Host.Admin, tenant.Id, Cancellation);
        Assert.Null(open!.RevokedAt);
        Assert.Null(open.UsedAt);
    }

    [Fact]
    public async Task Rename_WhileAnotherOperationRuns_WaitsForItsEnd()
    {
        var name = NewName("espera");
        var tenant = await ReadyAsync(NewName("ocupado"));
        await using var gate = await StepGate.CloseAsync(Host, "prove");
        var running = await Host.Get<Core.Lifecycle.Isolation.IsolationService>()
            .ProveAsync(Host.Admin, tenant.Id, Cancellation);
        await gate.ReachedAsync();

        var rename = await AskAsync(tenant.Id, name);
        await AssertRefusedAsync("operation_running", () => AskAsync(tenant.Id, NewName("otra")));
        Assert.Equal(OperationState.Queued, (await Operations.GetAsync(Host.Admin, rename, Cancellation)).State);
        Assert.NotEqual(name, (await RowAsync(tenant.Id)).Subdomain);
        await gate.OpenAsync();

        await Host.EndOfAsync(running);
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(rename)).State);
        Assert.Equal(name, (await RowAsync(tenant.Id)).Subdomain);
    }

    private async Task<string> BodyAsync(int tenantId)
    {
        await using var db = await Host.OpenMasterAsync();
        var message = await db.Set<OutboxMessage>().AsNoTracking().SingleAsync(
            m => m.TenantId == tenantId && m.State == OutboxState.Pending, Cancellation);
        return Host.Get<Outbox>().Open(message);
    }
}
