using System.Text.RegularExpressions;
using Vigia.Core.Postgres;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Staff.Team;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Startup;

/// <summary>The real commands on the server's console, while the master is in use.</summary>
public sealed class AdministratorCommandTests(PostgresServer server) : CoreTestBase(server)
{
    protected override bool Workers => false;

    [Fact]
    public async Task MakeAndRecover_PrintAWorkingLinkAndAreRecorded()
    {
        var made = await RunAsync("make-administrator", "benito@vigia.test", "Benito Segundo");
        Assert.True(made.ExitCode == 0, made.Error);
        var link = Regex.Match(made.Output, "https://portal\\.vigia\\.test/cuenta/invitacion\\?token=([0-9a-f]{64})");
        Assert.True(link.Success, made.Output);
        await Host.Get<StaffWelcome>().AcceptAsync(link.Groups[1].Value, CoreHost.AdminPassword, null, Cancellation);

        var back = await RunAsync("recover-administrator", "BENITO@vigia.test");
        Assert.True(back.ExitCode == 0, back.Error);
        Assert.NotNull(await Host.Get<StaffWelcome>()
            .FindAsync(Regex.Match(back.Output, "token=([0-9a-f]{64})").Groups[1].Value, Cancellation));

        var told = await Host.Get<StaffNotices>().ConsoleAsync(Host.Admin, Cancellation);
        Assert.Equal([("Benito Segundo", InfluenceKind.ConsoleMade),
            ("Benito Segundo", InfluenceKind.ConsoleRecovered)], told.Select(t => (t.FullName, t.Kind)));
        Assert.Equal(2L, await Host.ScalarAsync<long>(
            Host.Master.Database,
            "SELECT count(*) FROM portal.audit_events "
            + "WHERE action IN ('staff.made_on_console', 'staff.recovered_on_console')"));
        foreach (var (arguments, said) in new (string[], string)[]
        {
            (["recover-administrator", "saul@vigia.test"], "Soporte"),
            (["recover-administrator", "nadie@vigia.test"], ""), (["make-administrator"], "e-mail"),
            (["make-administrator", "benito@vigia.test"], "Benito Segundo"),
        })
        {
            var refused = await RunAsync(arguments);
            Assert.Equal(78, refused.ExitCode);
            Assert.Contains(said, refused.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", refused.Error, StringComparison.Ordinal);
        }
    }

    private Task<ProgramResult> RunAsync(params string[] arguments) =>
        PortalProcess.RunAsync(arguments, new Dictionary<string, string>
        {
            ["MASTER_DATABASE_URL"] = Host.Master.ToTextWithPassword(), ["SECRET_KEY"] = CoreHost.Secret,
            ["PORTAL_BASE_URL"] = "https://portal.vigia.test", ["SAAS_BASE_DOMAIN"] = "vigia.test",
        }, Cancellation);
}
