using Microsoft.AspNetCore.Hosting;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.TenantSide;

/// <summary>When an instance that serves tenants may get requests.</summary>
public sealed class TenantHealthTests(TenantHealthTests.Unread host) : IClassFixture<TenantHealthTests.Unread>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Health_BeforeTheTenantsAreRead_IsNotReady()
    {
        using var nobody = host.Nobody();
        var first = await nobody.GetAsync("/health/ready");
        Assert.Equal((503, "Unhealthy"), (first.Status, first.Text));

        await host.RenameAsync(Unread.Away, Unread.Table);
        await HoldsAsync(200, "Healthy");

        // Known tenants are still served.
        await host.RenameAsync(Unread.Table, Unread.Away);
        await PostgresServer.ExecuteAsync(host.Postgres.SuperuserUrl(host.Master.Database), """
            SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
            WHERE datname = current_database() AND query ~ 'LISTEN|SELECT 1' AND pid <> pg_backend_pid()
            """, Cancellation);
        await HoldsAsync(200, "Degraded");
        await host.RenameAsync(Unread.Away, Unread.Table);
        await HoldsAsync(200, "Healthy");

        Task HoldsAsync(int status, string text) => Eventually.HoldsAsync($"it is {text}", async () =>
            await nobody.GetAsync("/health/ready") is var answer && (answer.Status, answer.Text) == (status, text),
            Cancellation);
    }

    /// <summary>An instance that can't read the tenants when it starts.</summary>
    public sealed class Unread(PostgresServer server) : TenantSideHost(server)
    {
        public const string Table = "tenant_aliases";
        public const string Away = "tenant_aliases_away";

        public Task RenameAsync(string table, string name) => PostgresServer.ExecuteAsync(
            Postgres.SuperuserUrl(Master.Database), $"ALTER TABLE portal.{table} RENAME TO {name}", Cancellation);

        protected override Task PrepareAsync() => RenameAsync(Table, Away);

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("VIGIA_ROLES", "tenant");
        }
    }
}
