using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Registry.Databases;

/// <summary>
/// Faults of tenants' databases are caused behind the portal's back. Lists and pages go on, and show what was last
/// seen.
/// </summary>
public sealed class ObservationTests(PostgresServer server) : CoreTestBase(server)
{
    [Fact]
    public async Task Dropped_IsShownAsMissing_AndIsActiveAgainWhenItIsBack()
    {
        var tenant = await ReadyAsync(NewName("borrada"));
        var away = tenant.DatabaseName + "_aparte";
        await RenameAsync(tenant.DatabaseName!, away);
        Assert.Equal(TenantStatus.Active, (await ViewAsync(tenant)).Status);

        await ObserveAsync();

        Assert.Equal(TenantStatus.DatabaseMissing, (await ViewAsync(tenant)).Status);
        Assert.Equal([tenant.Id], await FindAsync(TenantStatus.DatabaseMissing));
        await RenameAsync(away, tenant.DatabaseName!);
        await ObserveAsync();
        Assert.Equal(TenantStatus.Active, (await ViewAsync(tenant)).Status);
        Assert.Empty(await FindAsync(TenantStatus.DatabaseMissing));
    }

    [Fact]
    public async Task Dropped_IsSeenAtOnce_WhenASessionFindsNoDatabase()
    {
        var tenant = await ReadyAsync(NewName("perdida"));
        await AsSuperuserAsync($"DROP DATABASE {Quote(tenant)} WITH (FORCE)");

        Assert.Null(await Host.Get<TenantContents>().CountAsync(Host.Admin, tenant.Id, Cancellation));

        Assert.Equal(TenantStatus.DatabaseMissing, (await ViewAsync(tenant)).Status);
    }

    /// <summary>One tenant that the portal may not look into hinders nobody else.</summary>
    [Fact]
    public async Task Revoked_FromThePortal_LeavesTheListWhole_AndItCanBeSuspended()
    {
        var (tenant, other) = (await ReadyAsync(NewName("cerrada")), await ReadyAsync(NewName("abierta")));
        await ObserveAsync();
        await AsSuperuserAsync($"REVOKE CONNECT ON DATABASE {Quote(tenant)} FROM PUBLIC, {Host.Master.Username}");
        await ObserveAsync();
        await Host.Get<DatabaseObserver>().ReadOldestSizesAsync(1, 1000, Cancellation);

        var page = await Host.Get<TenantSearch>().SearchAsync(Host.Admin, new TenantQuery(), Cancellation);

        var (shut, open) = (page.Items.Single(v => v.Id == tenant.Id), page.Items.Single(v => v.Id == other.Id));
        Assert.Equal((TenantStatus.Unreachable, TenantStatus.Active), (shut.Status, open.Status));
        Assert.Null(shut.SizeBytes);
        Assert.InRange(open.SizeBytes!.Value, 1_000_000, 100_000_000);
        Assert.Equal([tenant.Id], await FindAsync(TenantStatus.Unreachable));
        await Host.Get<TenantActivation>().SuspendAsync(Host.Admin, tenant.Id, "otro", "no paga", Cancellation);
        Assert.Equal(TenantStatus.Suspended, (await ViewAsync(tenant)).Status);
    }

    /// <summary>Each fault is caused, and the statement that the page shows mends it.</summary>
    [Theory]
    [InlineData(DatabaseRefusal.Closed, "ALTER DATABASE {0} ALLOW_CONNECTIONS false")]
    [InlineData(DatabaseRefusal.Closed, "ALTER DATABASE {0} CONNECTION LIMIT 0")]
    [InlineData(DatabaseRefusal.PortalRefused, "REVOKE CONNECT ON DATABASE {0} FROM PUBLIC, {2}")]
    [InlineData(DatabaseRefusal.LoginRefused, "ALTER ROLE {1} NOLOGIN")]
    [InlineData(DatabaseRefusal.LoginRefused, "ALTER ROLE {1} VALID UNTIL '2020-01-01'")]
    [InlineData(DatabaseRefusal.TenantRefused, "REVOKE CONNECT ON DATABASE {0} FROM PUBLIC, {1}")]
    public async Task Refusal_OfEachKind_IsMendedByItsRemedy(DatabaseRefusal refusal, string fault)
    {
        var tenant = await ReadyAsync(NewName("falla"));
        var role = (await Host.Get<TenantConnections>().CurrentAsync(tenant.Id, Cancellation)).RoleName;
        await AsSuperuserAsync(string.Format(
            System.Globalization.CultureInfo.InvariantCulture, fault, Quote(tenant), role, Host.Master.Username));

        await ObserveAsync();

        var view = await ViewAsync(tenant);
        Assert.Equal((TenantStatus.Unreachable, refusal), (view.Status, view.Database!.Refusal));
        await AsSuperuserAsync(view.Database.Remedy!);
        await ObserveAsync();
        Assert.Equal(TenantStatus.Active, (await ViewAsync(tenant)).Status);
        Assert.NotNull(await Host.Get<TenantContents>().CountAsync(Host.Admin, tenant.Id, Cancellation));
    }

    [Fact]
    public async Task Figures_AreStored_AndReadWithoutTheTenantsDatabase()
    {
        var tenant = await ReadyAsync(NewName("cifras"));
        var contents = Host.Get<TenantContents>();
        Assert.Null(await contents.ReadAsync(Host.Admin, tenant.Id, Cancellation));
        var counted = await contents.CountAsync(Host.Admin, tenant.Id, Cancellation);
        await RenameAsync(tenant.DatabaseName!, tenant.DatabaseName + "_aparte");

        Assert.Equal(counted, await contents.ReadAsync(Host.Admin, tenant.Id, Cancellation));
        Assert.Equal(
            counted!.CountedAt, (await ViewAsync(tenant)).ContentAt!.Value, TimeSpan.FromMilliseconds(1));
        await RenameAsync(tenant.DatabaseName + "_aparte", tenant.DatabaseName!);
    }

    /// <summary>A look that began earlier does not overwrite what somebody knows since.</summary>
    [Fact]
    public async Task Look_ThatBeganBefore_DoesNotOverwriteANewerRow()
    {
        var tenant = await ReadyAsync(NewName("nueva"));
        await RenameAsync(tenant.DatabaseName!, tenant.DatabaseName + "_aparte");
        await using (var db = await Host.OpenMasterAsync())
        {
            await db.Set<ObservedDatabase>().Where(d => d.Name == tenant.DatabaseName).ExecuteUpdateAsync(
                s => s.SetProperty(d => d.ChangedAt, DateTimeOffset.UtcNow.AddMinutes(1)), Cancellation);
        }

        await ObserveAsync();

        Assert.Equal(TenantStatus.Active, (await ViewAsync(tenant)).Status);
        await RenameAsync(tenant.DatabaseName + "_aparte", tenant.DatabaseName!);
    }

    [Fact]
    public async Task Foreign_ThatIsGone_IsForgotten()
    {
        var name = $"vigia_{NewName("ajena").Replace('-', '_')}";
        await AsSuperuserAsync($"CREATE DATABASE {name}");
        await ObserveAsync();
        Assert.True((await ObservedAsync(name))!.IsPresent);
        await AsSuperuserAsync($"DROP DATABASE {name}");

        await ObserveAsync();

        Assert.Null(await ObservedAsync(name));
    }

    [Fact]
    public async Task Worker_MeasuresANewTenantSoon_AndNoticesTheDrop()
    {
        await using var host = await CoreHost.StartAsync(Server, configure: services =>
        {
            services.AddHostedService<ObservationWorker>();
            services.Configure<ObservationOptions>(o => o.Every = TimeSpan.FromSeconds(1));
        });
        var tenant = await host.ProvisionedTenantAsync(NewName("medida"));
        Task<TenantLookup> ReadAsync() => host.Get<TenantSearch>().GetAsync(host.Admin, tenant.Id, Cancellation);
        await Eventually.HoldsAsync("size and content are known",
            async () => (await ReadAsync()).View is { SizeBytes: > 0, ContentAt: not null }, Cancellation);

        await AsSuperuserAsync($"DROP DATABASE {Quote(tenant)} WITH (FORCE)");

        await Eventually.HoldsAsync("the drop is noticed",
            async () => (await ReadAsync()).View is { Status: TenantStatus.DatabaseMissing, SizeBytes: null },
            Cancellation);
    }

    private static string Quote(Tenant tenant) => SqlIdentifier.Quote(tenant.DatabaseName!);

    private Task AsSuperuserAsync(string sql) =>
        PostgresServer.ExecuteAsync(Server.SuperuserUrl("postgres"), sql, Cancellation);

    private Task RenameAsync(string from, string to) =>
        AsSuperuserAsync($"ALTER DATABASE {SqlIdentifier.Quote(from)} RENAME TO {SqlIdentifier.Quote(to)}");

    private Task ObserveAsync() =>
        Host.Get<DatabaseObserver>().ObserveAsync(ServerConnections.MasterServerId, Cancellation);

    private async Task<TenantView> ViewAsync(Tenant tenant) =>
        (await Host.Get<TenantSearch>().GetAsync(Host.Admin, tenant.Id, Cancellation)).View!;

    private async Task<IEnumerable<int>> FindAsync(TenantStatus status) =>
        (await Host.Get<TenantSearch>().SearchAsync(Host.Admin, new TenantQuery { Status = status }, Cancellation))
        .Items.Select(view => view.Id);

    private async Task<ObservedDatabase?> ObservedAsync(string name)
    {
        await using var db = await Host.OpenMasterAsync();
        return await db.Set<ObservedDatabase>().AsNoTracking()
            .SingleOrDefaultAsync(d => d.Name == name, Cancellation);
    }
}
