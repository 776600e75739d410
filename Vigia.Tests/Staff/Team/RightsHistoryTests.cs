using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.Team;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Staff.Team;

/// <summary>
/// The rights that a person held on a date. The history covers changes of role, disabling, the end of an access, and a
/// change of the rights of a role.
/// </summary>
public sealed class RightsHistoryTests(PostgresServer server) : StaffTestBase(server)
{
    [Fact]
    public async Task RightsAt_RolesChangedOverTime_GivesThoseOfTheMoment()
    {
        var id = Host.Support.StaffId!.Value;
        var asSupport = await NowAsync();
        await Changes.ChangeAccessAsync(Host.Admin, id, Access(StaffRoles.Operator), Cancellation);
        var asOperator = await NowAsync();
        await Changes.DisableAsync(Host.Admin, id, "Vacaciones largas", Cancellation);
        var disabled = await NowAsync();
        await Changes.EnableAsync(Host.Admin, id, Access(StaffRoles.Auditor), Cancellation);
        var asAuditor = await NowAsync();

        Assert.Equal(Rights.ByRole[StaffRoles.Support].Order(), await HeldAsync(id, asSupport));
        Assert.Equal(Rights.ByRole[StaffRoles.Operator].Order(), await HeldAsync(id, asOperator));
        Assert.Empty(await HeldAsync(id, disabled));
        Assert.Equal(Rights.ByRole[StaffRoles.Auditor].Order(), await HeldAsync(id, asAuditor));
        Assert.Empty(await HeldAsync(id, asSupport.AddYears(-1)));
        Assert.Equal([StaffRoles.Auditor, StaffRoles.Operator, StaffRoles.Support],
            (await DetailsAsync(id)).Grants.Select(g => g.Role));
    }

    [Fact]
    public async Task RightsAt_AccessEnded_GivesThemUntilItsEnd()
    {
        var id = Host.Support.StaffId!.Value;
        var held = await NowAsync();
        await ExecuteAsync($"UPDATE portal.staff SET access_ends_at = clock_timestamp() WHERE id = '{id}'");
        var over = await NowAsync();
        Assert.Empty(await HeldAsync(id, over));

        // The access has ended, but no job has recorded that yet. The new access must not look as if the old one had
        // continued.
        await Changes.EnableAsync(Host.Admin, id, Access(StaffRoles.Support), Cancellation);

        Assert.NotEmpty(await HeldAsync(id, held));
        Assert.Empty(await HeldAsync(id, over));
        Assert.NotEmpty(await HeldAsync(id, await NowAsync()));
        Assert.Equal(2, (await DetailsAsync(id)).Grants.Count);
    }

    [Fact]
    public async Task RightsAt_RoleOfAnOlderRelease_GivesItsRightsOfThatTime()
    {
        var id = Host.Support.StaffId!.Value;
        await ExecuteAsync(
            """
            INSERT INTO portal.role_rights (role, "right", "from")
            VALUES ('Support', 'tenants.delete.soft', clock_timestamp())
            """);
        var older = await NowAsync();
        Assert.Contains(Rights.TenantsDeleteSoft, await HeldAsync(id, older));

        // A portal of this release starts on the same master.
        await using (await CoreHost.StartAsync(Server, workers: false, master: Host.Master))
        {
            Assert.DoesNotContain(Rights.TenantsDeleteSoft, await HeldAsync(id, await NowAsync()));
        }

        Assert.Contains(Rights.TenantsDeleteSoft, await HeldAsync(id, older));
        var written = await Assert.ThrowsAsync<Npgsql.PostgresException>(
            () => ExecuteAsync("UPDATE portal.staff_role_grants SET role = 'Administrator'"));
        Assert.Equal("42501", written.SqlState);
    }

    private async Task<IEnumerable<string>> HeldAsync(Guid id, DateTimeOffset at) =>
        (await Host.Get<RightsHistory>().HeldAtAsync(Host.Admin, at, Cancellation)).Where(h => h.StaffId == id)
            .Select(h => h.Right).Order();
}
