using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Lifecycle.Credentials;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Databases;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Isolation;

/// <summary>
/// Tenants' sessions go through PgBouncer in transaction mode. DDL and the proof go to the server itself.
/// </summary>
public sealed class PoolerTests(PostgresServer server) : IsolationTestBase(server)
{
    private PgBouncer? _bouncer;

    protected override async ValueTask<TenantTemplate?> TemplateAsync()
    {
        _bouncer = await PgBouncer.StartAsync(Server, Cancellation);
        Assert.True(TenantTemplate.TryRead(_bouncer.Template, out var template, out _));
        return template;
    }

    protected override void Configure(IServiceCollection services) => services.Configure<IsolationOptions>(o =>
    {
        o.KeepReplacedRoleFor = TimeSpan.Zero;
        o.LookAgainAfter = TimeSpan.FromMilliseconds(100);
    });

    [Fact]
    public async Task PgBouncer_InFront_TenantsAreProvisionedProvedAndRotated()
    {
        var tenant = await ReadyAsync(NewName("pooler"));

        var proof = (await LastAsync(tenant))!;
        Assert.True(proof.Verdict is IsolationVerdict.Held or IsolationVerdict.Reported, Lines(proof.Attempts));
        Assert.Contains(proof.Attempts,
            a => a is { Code: "wrong_password", Outcome: AttemptOutcome.Refused, SqlState: "28P01" });
        await using (var session = await Host.Get<TenantConnections>()
            .OpenAsync(tenant.Id, tenant.DatabaseName!, Cancellation))
        {
            Assert.Equal(_bouncer!.Port, session.Port);
            await using var command = new NpgsqlCommand("SELECT count(*) FROM users", session);
            Assert.Equal(1L, await command.ExecuteScalarAsync(Cancellation));
        }

        var rotated = await Host.EndOfAsync(
            await Host.Get<CredentialService>().RotateAsync(Host.Admin, tenant.Id, "prueba", Cancellation));

        Assert.True(rotated.State == OperationState.Succeeded, $"{rotated.Error}");
        Assert.Equal(OperationState.Succeeded, (await ProveAsync(tenant)).State);
    }

    [Fact]
    public async Task Proof_PoolerRefusesLogIns_IsUnknown()
    {
        var tenant = await ReadyAsync(NewName("sin-pooler"));
        await _bouncer!.DisposeAsync();
        _bouncer = null;

        var operation = await ProveAsync(tenant);

        Assert.Equal((OperationState.Failed, "isolation_unknown"), (operation.State, operation.Error?.Code));
        Assert.Contains((await LastAsync(tenant))!.Attempts,
            a => a is { Code: "own_login", Outcome: AttemptOutcome.NotTried });
    }

    protected override async ValueTask EndAsync()
    {
        if (_bouncer is not null)
        {
            await _bouncer.DisposeAsync();
        }
    }
}
