using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Tenancy;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenancy;

/// <summary>The sessions of tenants go through PgBouncer in transaction mode.</summary>
public sealed class TenantPoolerTests(PostgresServer server) : TenantSessionTestBase(server)
{
    private PgBouncer? _bouncer;

    protected override async ValueTask<TenantTemplate?> TemplateAsync()
    {
        _bouncer = await PgBouncer.StartAsync(Server, Cancellation);
        Assert.True(TenantTemplate.TryRead(_bouncer.Template, out var template, out _));
        return template;
    }

    [Fact]
    public async Task Open_ThroughPgBouncer_ReachesTheRightDatabase()
    {
        var (_, one) = await WithCanaryAsync("por-pooler");
        var (gone, other) = await WithCanaryAsync("por-pooler");
        for (var turn = 0; turn < 3; turn++)
        {
            Assert.Equal(one.Subdomain, await ReadAsync<string>(one, "SELECT name FROM canary"));
            Assert.Equal(other.Subdomain, await ReadAsync<string>(other, "SELECT name FROM canary"));
        }

        await using (var session = await Sessions.OpenAsync(one, Cancellation))
        {
            Assert.Equal(_bouncer!.Port, session.Connection.Port);
        }

        await PostgresServer.ExecuteAsync(
            Server.SuperuserUrl("postgres"), $"DROP DATABASE \"{gone.DatabaseName}\" WITH (FORCE)", Cancellation);
        await RefusesAsync(other, TenantRefusal.DatabaseMissing);
        Assert.Equal(one.Subdomain, await ReadAsync<string>(one, "SELECT name FROM canary"));
    }

    protected override async ValueTask EndAsync()
    {
        if (_bouncer is not null)
        {
            await _bouncer.DisposeAsync();
        }
    }
}
