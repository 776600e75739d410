using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Secrets;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Secrets;
using Vigia.Core.Registry.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Registry.Secrets;

/// <summary>
/// Changes SECRET_KEY with the real command. Afterwards the new key opens everything and the old key opens nothing.
/// </summary>
public sealed class RewrapTests(PostgresServer server) : CoreTestBase(server)
{
    private const string New = "a new secret key, also long enough to be one";
    private const string Stranger = "a secret key that nobody here has ever used";

    [Fact]
    public async Task RewrapKeys_OldToNew_NewSecretAloneOpensEverything()
    {
        var tenant = await ReadyAsync(NewName("rellave"));

        var done = await RunAsync(["rewrap-keys"], New, CoreHost.Secret);
        var again = await RunAsync(["rewrap-keys"], New, CoreHost.Secret);

        Assert.True(done.ExitCode == 0, done.Error);
        Assert.Contains("3 key(s) wrapped with SECRET_KEY now", done.Output, StringComparison.Ordinal);
        Assert.True(again.ExitCode == 0, again.Error);
        Assert.Contains("nothing was done", again.Output, StringComparison.Ordinal);
        await using var host =
            await CoreHost.StartAsync(
            Server, workers: false, services => services.AddSingleton(new SecretKeyRing(New, null)), Host.Master);
        await OpensEverythingAsync(host, tenant);
        Assert.Equal(1L, await Host.ScalarAsync<long>(
            Host.Master.Database, "SELECT count(*) FROM portal.audit_events WHERE action = 'keys.rewrapped'"));

        var old = await RunAsync([], CoreHost.Secret, null);
        Assert.Equal(78, old.ExitCode);
        Assert.Contains("SECRET_KEY", old.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", old.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RewrapKeys_SharedToOwnSecret_SharedOneOpensNothing()
    {
        var tenant = await ReadyAsync(NewName("propia"));
        var environment = new Dictionary<string, string>
        {
            ["MASTER_DATABASE_URL"] = Host.Master.ToTextWithPassword(), ["SECRET_KEY"] = CoreHost.Secret,
            ["PORTAL_SECRET_KEY"] = New, ["PORTAL_SECRET_KEY_PREVIOUS"] = CoreHost.Secret,
        };

        var done = await PortalProcess.RunAsync(["rewrap-keys"], environment, Cancellation);

        Assert.True(done.ExitCode == 0, done.Error);
        Assert.Contains("3 key(s) wrapped with PORTAL_SECRET_KEY now", done.Output, StringComparison.Ordinal);
        await using var host =
            await CoreHost.StartAsync(
            Server, workers: false, services => services.AddSingleton(new SecretKeyRing(New, null)), Host.Master);
        await OpensEverythingAsync(host, tenant);
        await using var db = await Host.OpenMasterAsync();
        Assert.Null(AuditKeys.Open(
            await db.Set<AuditHead>().AsNoTracking().SingleAsync(Cancellation),
            new SecretKeyRing(CoreHost.Secret, null)));
        Assert.DoesNotContain(
            await db.Set<DataProtectionKey>().AsNoTracking().ToListAsync(Cancellation),
            key => SealedKeyRepository.Open(new SecretKeyRing(CoreHost.Secret, null), key) is not null);
    }

    [Fact]
    public async Task RewrapKeys_NeitherSecretOpensThem_ChangesNothing()
    {
        var tenant = await ReadyAsync(NewName("rellave"));
        var before = await KeysAsync();

        var refused = await RunAsync(["rewrap-keys"], New, Stranger);

        Assert.Equal(78, refused.ExitCode);
        Assert.Contains("SECRET_KEY_PREVIOUS", refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Stranger, refused.Error, StringComparison.Ordinal);
        Assert.Equal(before, await KeysAsync());
        await using var host = await CoreHost.StartAsync(Server, workers: false, master: Host.Master);
        await OpensEverythingAsync(host, tenant);
    }

    [Fact]
    public async Task Run_KeysOfAnotherSecret_Exits78AndMakesNoNewKey()
    {
        await ReadyAsync(NewName("rellave"));
        var before = await KeysAsync();

        var refused = await RunAsync([], Stranger, null);

        Assert.Equal(78, refused.ExitCode);
        Assert.Contains("1", refused.Error, StringComparison.Ordinal);
        Assert.True(refused.Error.Split('\n').Length <= 4, refused.Error);
        Assert.Equal(before, await KeysAsync());
        var helped = await RunAsync(["rewrap-keys"], Stranger, CoreHost.Secret);
        Assert.True(helped.ExitCode == 0, helped.Error);
    }

    private async Task OpensEverythingAsync(CoreHost host, Tenant tenant)
    {
        await using var session = await host.Get<TenantConnections>()
            .OpenAsync(tenant.Id, tenant.DatabaseName!, Cancellation);
        var verdict = await host.Get<AuditVerifier>().VerifyAsync(Host.Admin, null, null, Cancellation);
        Assert.True(verdict.Holds, $"{verdict.FirstBroken}: {verdict.Why}");
    }

    private async Task<IReadOnlyList<string?>> KeysAsync()
    {
        await using var db = await Host.OpenMasterAsync();
        return await db.Set<DataProtectionKey>().AsNoTracking().OrderBy(key => key.Id).Select(key => key.Xml)
            .ToListAsync(Cancellation);
    }

    private Task<ProgramResult> RunAsync(IEnumerable<string> arguments, string secret, string? previous)
    {
        var environment = new Dictionary<string, string>
        { ["MASTER_DATABASE_URL"] = Host.Master.ToTextWithPassword(), ["SECRET_KEY"] = secret };
        if (previous is not null)
        {
            environment["SECRET_KEY_PREVIOUS"] = previous;
        }

        return PortalProcess.RunAsync(arguments, environment, Cancellation);
    }
}
