using Microsoft.EntityFrameworkCore;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenants;

public sealed class EditingTests(PostgresServer server) : CoreTestBase(server)
{
    private TenantEditing Editing => Host.Get<TenantEditing>();

    [Fact]
    public async Task Update_TwoEditorsOfTwoFields_KeepsBothChanges()
    {
        var id = await RegisterAsync(NewName("dos"));
        var seen = TenantDetails.Of(await RowAsync(id));

        await Editing.UpdateAsync(Host.Admin, id, seen, seen with { ContactName = "Ana" }, Cancellation);
        var changed = await Editing.UpdateAsync(
            Host.Admin, id, seen, seen with { LegalName = "Otro S.A.C." }, Cancellation);

        Assert.Equal(["razon_social"], changed);
        var row = await RowAsync(id);
        Assert.Equal(("Ana", "Otro S.A.C."), (row.ContactName, row.LegalName));
    }

    [Fact]
    public async Task Update_TwoEditorsOfOneField_SecondIsToldTheConflict()
    {
        var id = await RegisterAsync(NewName("mismo"));
        var seen = TenantDetails.Of(await RowAsync(id));
        await Editing.UpdateAsync(Host.Admin, id, seen, seen with { ContactName = "Ana" }, Cancellation);

        var conflict = await Assert.ThrowsAsync<ChangedMeanwhileException>(
            () => Editing.UpdateAsync(
                Host.Admin, id, seen, seen with { ContactName = "Luz", LegalName = "Nuevo" }, Cancellation));

        Assert.Equal("changed_meanwhile", conflict.Reason.Code);
        Assert.Contains($"{Host.Admin.Name} cambió contacto el", conflict.Reason.Render(new("es-PE")),
            StringComparison.Ordinal);
        Assert.Equal("Ana", conflict.Fields["contacto_nombre"]);
        Assert.NotEqual("Nuevo", (await RowAsync(id)).LegalName);
    }

    [Fact]
    public async Task Update_RowThatBreaksRules_ChecksOnlyChangedFields()
    {
        await PostgresServer.ExecuteAsync(
            Host.Master,
            """
            INSERT INTO clientes_saas (id, ruc, razon_social, subdominio, correo_acceso, plan, config)
            VALUES (7001, '20999999999', 'Vieja', 'vieja-7001', 'sin-arroba', 'oro', '{}')
            """, Cancellation);
        var seen = TenantDetails.Of(await RowAsync(7001));

        await Editing.UpdateAsync(Host.Admin, 7001, seen, seen with { ContactName = "Ana" }, Cancellation);
        await AssertInvalidAsync(
            "correo_acceso", "correo_form",
            () => Editing.UpdateAsync(Host.Admin, 7001, seen, seen with { AccessEmail = "otro-sin" }, Cancellation));

        Assert.Equal("Ana", (await RowAsync(7001)).ContactName);
    }

    [Fact]
    public async Task Update_FormOfAnotherTenantWithEqualValues_IsRefused()
    {
        TenantDetails Equal(TenantDetails details) => details with { LegalName = "Igual", AccessEmail = "a@igual.pe" };
        var one = TenantDetails.Of(await RowAsync(await RegisterAsync(NewName("uno"), details: Equal)));
        var other = TenantDetails.Of(await RowAsync(await RegisterAsync(NewName("otro"), details: Equal)));
        Assert.Equal(one, other with { TenantId = one.TenantId });

        await Assert.ThrowsAsync<ArgumentException>(() => Editing.UpdateAsync(
            Host.Admin, other.TenantId!.Value, one, one with { ContactName = "Ana" }, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => Editing.UpdateAsync(
            Host.Admin, other.TenantId!.Value, other, one with { ContactName = "Ana" }, Cancellation));

        Assert.Null((await RowAsync(other.TenantId!.Value)).ContactName);
        Assert.Equal(0, await RecordsAsync(other.TenantId!.Value, "tenant.updated"));
    }

    [Fact]
    public async Task Update_SameJsonFormattedDifferently_IsNoChange()
    {
        var id = await RegisterAsync(NewName("json"), details: d => d with { Config = "{\"a\": 1, \"b\": [true]}" });
        var seen = TenantDetails.Of(await RowAsync(id));

        Assert.Empty(await Editing.UpdateAsync(
            Host.Admin, id, seen, seen with { Config = "{ \"b\":[ true ],\"a\":1 }" }, Cancellation));
        Assert.Equal(0, await RecordsAsync(id, "tenant.updated"));
    }

    [Fact]
    public async Task Update_ManyChangesOfLimits_DatabaseGetsTheNewest()
    {
        var tenant = await ReadyAsync(NewName("limites"));
        var seen = TenantDetails.Of(tenant);
        for (var users = 10; users <= 20; users++)
        {
            var wanted = seen with { MaxUsers = users };
            await Editing.UpdateAsync(Host.Admin, tenant.Id, seen, wanted, Cancellation);
            seen = wanted;
        }

        await Eventually.HoldsAsync(
            "the limits are applied",
            async () => await RowAsync(tenant.Id) is var row && row.LimitsAppliedRevision == row.LimitsRevision,
            Cancellation);
        Assert.Equal(20, await Host.ScalarAsync<int>(tenant.DatabaseName!, "SELECT max_usuarios FROM tenant_limits"));
        Assert.Equal(12, (await RowAsync(tenant.Id)).LimitsRevision);
    }

    [Fact]
    public async Task Update_AddressBeforeTheInvitationIsUsed_MovesInvitationAndAccount()
    {
        var tenant = await ReadyAsync(NewName("correo"));
        var invitation = await Host.Get<TenantInvitations>().RevealAsync(Host.Admin, tenant.Id, Cancellation);
        Assert.NotNull(invitation.Url);
        var seen = TenantDetails.Of(tenant);

        await Editing.UpdateAsync(
            Host.Admin, tenant.Id, seen, seen with { AccessEmail = "nueva@correo.pe" }, Cancellation);

        Assert.Equal("nueva@correo.pe",
            (await Host.Get<TenantInvitations>().LastAsync(Host.Admin, tenant.Id, Cancellation))!.SentTo);
        await Eventually.HoldsAsync(
            "the account moves",
            async () => await Host.ScalarAsync<string>(
            tenant.DatabaseName!, "SELECT email FROM users") == "nueva@correo.pe", Cancellation);
    }

    [Fact]
    public async Task Invite_Twice_FirstLinkStopsWorkingAndNoTokenIsStored()
    {
        var tenant = await ReadyAsync(NewName("invita"));
        var first = await Host.Get<TenantInvitations>().RevealAsync(Host.Admin, tenant.Id, Cancellation);
        await Host.Get<TenantInvitations>().RevealAsync(Host.Admin, tenant.Id, Cancellation);

        await using var db = await Host.OpenMasterAsync();
        var stored = await db.Set<TenantInvitation>().Where(i => i.TenantId == tenant.Id).OrderBy(i => i.CreatedAt)
            .ToListAsync(Cancellation);
        Assert.NotNull(stored[0].RevokedAt);
        Assert.Null(stored[1].RevokedAt);
        var token = first.Url![(first.Url!.IndexOf("token=", StringComparison.Ordinal) + 6)..];
        Assert.NotEqual(token, Convert.ToHexStringLower(stored[0].TokenHash));
        Assert.Equal(0L, await Host.ScalarAsync<long>(
            Host.Master.Database, $"SELECT count(*) FROM portal.audit_events WHERE body LIKE '%{token}%'"));

    }

    [Fact]
    public async Task Change_ByPsql_ReachesTheFeed()
    {
        var id = await RegisterAsync(NewName("psql"));
        using var changes = Host.Get<ChangeFeed>().Subscribe(ChangeTopic.Tenants);
        var read = changes.ReadAsync(Cancellation);

        await PostgresServer.ExecuteAsync(
            Host.Master, $"UPDATE clientes_saas SET contacto_nombre = 'psql' WHERE id = {id}", Cancellation);

        Assert.True((await read).Concerns(ChangeTopic.Tenants, id));
    }

    [Fact]
    public async Task Feed_ListeningSessionKilled_ReconnectsAndReportsEverything()
    {
        using var changes = Host.Get<ChangeFeed>().Subscribe(ChangeTopic.Tenants);
        var read = changes.ReadAsync(Cancellation);

        await PostgresServer.ExecuteAsync(
            Server.SuperuserUrl("postgres"),
            $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{Host.Master.Database}' "
            + "AND query ILIKE 'LISTEN%'", Cancellation);

        Assert.True((await read).Everything);
    }
}
