using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Lifecycle.Credentials;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Registry.Databases;

/// <summary>
/// Faults of tenants' databases are caused behind the portal's back. Lists and pages still work, and show what was
/// last seen.
/// </summary>
public sealed class ObservationTests(PostgresServer server) : CoreTestBase(server)
{
    [Fact]
    public async Task Observe_DatabaseDropped_IsMissingUntilItIsBack()
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
    public async Task Session_DatabaseDropped_IsNoticedAtOnce()
    {
        var tenant = await ReadyAsync(NewName("perdida"));
        await AsSuperuserAsync($"DROP DATABASE {Quote(tenant)} WITH (FORCE)");

        Assert.Null(await Host.Get<TenantContents>().CountAsync(Host.Admin, tenant.Id, Cancellation));

        Assert.Equal(TenantStatus.DatabaseMissing, (await ViewAsync(tenant)).Status);
    }

    /// <summary>One tenant that the portal may not look into hinders nobody else.</summary>
    [Fact]
    public async Task Observe_ConnectRevokedFromThePortal_KeepsTheListWorking()
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
    [InlineData(DatabaseRefusal.GroupMissing, "REVOKE vigia_tenant FROM {1}")]
    [InlineData(DatabaseRefusal.GroupMissing, "ALTER ROLE {1} NOINHERIT; REVOKE vigia_tenant FROM {1}; "
        + "GRANT vigia_tenant TO {1}")]
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

    /// <summary>No statement mends these. The page says what does.</summary>
    [Theory]
    [InlineData(DatabaseRefusal.RoleMissing, "ALTER ROLE {1} RENAME TO {1}_x", "ALTER ROLE {1}_x RENAME TO {1}")]
    [InlineData(DatabaseRefusal.Unfinished, "UPDATE pg_database SET datconnlimit = -2 WHERE datname = '{2}'",
        "UPDATE pg_database SET datconnlimit = -1 WHERE datname = '{2}'")]
    public async Task Refusal_WithoutARemedy_IsRecognized(DatabaseRefusal refusal, string fault, string end)
    {
        var tenant = await ReadyAsync(NewName("danada"));
        var role = (await Host.Get<TenantConnections>().CurrentAsync(tenant.Id, Cancellation)).RoleName;
        string Of(string sql) => string.Format(
            System.Globalization.CultureInfo.InvariantCulture, sql, Quote(tenant), role, tenant.DatabaseName);
        await AsSuperuserAsync(Of(fault));

        await ObserveAsync();

        var view = await ViewAsync(tenant);
        Assert.Equal((TenantStatus.Unreachable, refusal), (view.Status, view.Database!.Refusal));
        Assert.Null(view.Database.Remedy);
        await AsSuperuserAsync(Of(end));
    }

    /// <summary>
    /// The server's catalogue does not show these faults. The count meets them, a look at the catalogue does not forget
    /// them, and the statement that is shown mends them.
    /// </summary>
    [Theory]
    [InlineData("REVOKE USAGE ON SCHEMA public FROM vigia_tenant, PUBLIC",
        "GRANT USAGE ON SCHEMA public TO \"vigia_tenant\";")]
    [InlineData("REVOKE SELECT ON users, icsr FROM vigia_tenant",
        "GRANT SELECT ON public.icsr, public.users TO \"vigia_tenant\";")]
    public async Task Rights_RevokedInsideTheDatabase_AreSeenByTheCount(string fault, string remedy)
    {
        var tenant = await ReadyAsync(NewName("revocada"));
        var inside = Server.SuperuserUrl(tenant.DatabaseName!);
        await PostgresServer.ExecuteAsync(inside, fault, Cancellation);

        Assert.Null(await Host.Get<TenantContents>().CountAsync(Host.Admin, tenant.Id, Cancellation));
        await ObserveAsync();

        var view = await ViewAsync(tenant);
        Assert.Equal((TenantStatus.Unreachable, DatabaseRefusal.ContentRefused, remedy),
            (view.Status, view.Database!.Refusal, view.Database.Remedy));
        await PostgresServer.ExecuteAsync(inside, view.Database.Remedy!, Cancellation);
        Assert.NotNull(await Host.Get<TenantContents>().CountAsync(Host.Admin, tenant.Id, Cancellation));
        Assert.Equal(TenantStatus.Active, (await ViewAsync(tenant)).Status);
    }

    [Fact]
    public async Task Password_ChangedOutside_IsSeenByTheCount_AndMendedByTheRotation()
    {
        var tenant = await ReadyAsync(NewName("clave"));
        var role = (await Host.Get<TenantConnections>().CurrentAsync(tenant.Id, Cancellation)).RoleName;
        await AsSuperuserAsync($"ALTER ROLE {role} PASSWORD 'another'");

        Assert.Null(await Host.Get<TenantContents>().CountAsync(Host.Admin, tenant.Id, Cancellation));
        await ObserveAsync();

        var view = await ViewAsync(tenant);
        Assert.Equal((TenantStatus.Unreachable, DatabaseRefusal.PasswordRefused),
            (view.Status, view.Database!.Refusal));
        await Host.Get<CredentialService>().RotateAsync(Host.Admin, tenant.Id, "clave cambiada", Cancellation);
        await Eventually.HoldsAsync("it can be used again", async () =>
        {
            // As the worker does when it hears of the new credential.
            await Host.Get<ObservationRounds>().ObserveTenantsAsync([tenant.Id], Cancellation);
            return (await ViewAsync(tenant)).Status == TenantStatus.Active;
        }, Cancellation);
    }

    [Fact]
    public async Task Observe_TenantDatabaseDeclaredATemplate_IsStillFound()
    {
        var tenant = await ReadyAsync(NewName("plantilla"));
        await AsSuperuserAsync($"ALTER DATABASE {Quote(tenant)} IS_TEMPLATE true");
        try
        {
            await ObserveAsync();

            Assert.Equal(TenantStatus.Active, (await ViewAsync(tenant)).Status);
        }
        finally
        {
            await AsSuperuserAsync($"ALTER DATABASE {Quote(tenant)} IS_TEMPLATE false");
        }
    }

    /// <summary>The name of a database has the encoding of the database in which it was given.</summary>
    [Fact]
    public async Task Observe_DatabaseNameNotUtf8_DoesNotFail()
    {
        var tenant = await ReadyAsync(NewName("vecina"));
        var latin = $"test_latin_{Guid.NewGuid():n}";
        var name = $"año_{Guid.NewGuid():n}";
        await AsSuperuserAsync($"CREATE DATABASE {latin} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'");
        var there = Server.SuperuserUrl(latin);
        await PostgresServer.ExecuteAsync(
            there, $"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'", Cancellation);
        try
        {
            await AsSuperuserAsync($"DROP DATABASE {Quote(tenant)} WITH (FORCE)");

            await ObserveAsync();
            await Host.Get<ServerPreparation>().LogOpeningsAsync(Cancellation);

            Assert.Equal(TenantStatus.DatabaseMissing, (await ViewAsync(tenant)).Status);
        }
        finally
        {
            await PostgresServer.ExecuteAsync(there, $"DROP DATABASE \"{name}\"", Cancellation);
            await Server.DropDatabaseAsync(latin, CancellationToken.None);
        }
    }

    /// <summary>A tenant's database with unusual content fails only its own count, or none.</summary>
    [Theory]
    [InlineData("INSERT INTO icsr (numero) VALUES ('1'); ALTER TABLE icsr DISABLE TRIGGER USER; "
        + "UPDATE icsr SET created_at = '20000-01-01'", true)]
    [InlineData("DELETE FROM tenant_usage WHERE limite = 'max_establecimientos'", true)]
    [InlineData("ALTER TABLE icsr DISABLE TRIGGER USER; ALTER TABLE icsr ALTER created_at TYPE text; "
        + "INSERT INTO icsr (numero, created_at) VALUES ('1', 'x')", false)]
    public async Task Count_UnusualContent_DoesNotStopTheOthers(string fault, bool counted)
    {
        var (odd, other) = (await ReadyAsync(NewName("rara")), await ReadyAsync(NewName("otra")));
        await PostgresServer.ExecuteAsync(Server.SuperuserUrl(odd.DatabaseName!), fault, Cancellation);

        await Host.Get<ObservationRounds>().RunAsync(Cancellation);

        Assert.Equal((counted, true),
            ((await ViewAsync(odd)).ContentAt is not null, (await ViewAsync(other)).ContentAt is not null));
        await Host.Get<TenantDeletion>().DeleteAsync(
            Host.Admin, odd.Id, new DeletionRequest(odd.Subdomain!, "Fin de contrato", CoreHost.AdminPassword),
            Cancellation);
    }

    [Fact]
    public async Task Count_UnreadableCredential_DoesNotStopTheOthers()
    {
        var (odd, other) = (await ReadyAsync(NewName("sellada")), await ReadyAsync(NewName("otra")));
        await using (var db = await Host.OpenMasterAsync())
        {
            await db.Set<TenantCredential>().Where(c => c.TenantId == odd.Id)
                .ExecuteUpdateAsync(s => s.SetProperty(c => c.ProtectedPassword, "x"), Cancellation);
        }

        await Host.Get<ObservationRounds>().RunAsync(Cancellation);

        Assert.Null((await ViewAsync(odd)).ContentAt);
        Assert.NotNull((await ViewAsync(other)).ContentAt);
    }

    /// <summary>A time that .NET can't hold, in one row, ends no list.</summary>
    [Theory]
    [InlineData("created_at = '20000-01-01'")]
    [InlineData("expires_at = '20000-01-01', tokens_valid_after = '4000-01-01 BC', inactive_since = '-infinity'")]
    public async Task List_DateOutsideTheRangeOfDotNet_DoesNotFail(string change)
    {
        var id = await RegisterAsync(NewName("lejana"));
        await PostgresServer.ExecuteAsync(
            Host.Master, $"UPDATE clientes_saas SET state = 'unmanaged', {change} WHERE id = {id}", Cancellation);

        var page = await Host.Get<TenantSearch>().SearchAsync(Host.Admin, new TenantQuery(), Cancellation);

        Assert.Equal([id], page.Items.Select(view => view.Id));
        await Host.Get<TenantActivation>().SuspendAsync(Host.Admin, id, "otro", "no paga", Cancellation);
        Assert.Equal(TenantStatus.Suspended,
            (await Host.Get<TenantSearch>().GetAsync(Host.Admin, id, Cancellation)).View!.Status);
    }

    [Fact]
    public async Task Figures_Stored_AreReadWithoutTheTenantsDatabase()
    {
        var tenant = await ReadyAsync(NewName("cifras"));
        var contents = Host.Get<TenantContents>();
        Assert.Null(await contents.ReadAsync(Host.Admin, tenant.Id, Cancellation));
        var counted = await contents.CountAsync(Host.Admin, tenant.Id, Cancellation);
        await RenameAsync(tenant.DatabaseName!, tenant.DatabaseName + "_aparte");

        Assert.Equivalent(counted, await contents.ReadAsync(Host.Admin, tenant.Id, Cancellation), strict: true);
        Assert.Equal(
            counted!.CountedAt, (await ViewAsync(tenant)).ContentAt!.Value, TimeSpan.FromMilliseconds(1));
        await RenameAsync(tenant.DatabaseName + "_aparte", tenant.DatabaseName!);
    }

    /// <summary>The section about the database reads the master.</summary>
    [Fact]
    public async Task SectionOfTheDatabase_ShowsWhatWasSeenLast_AndAsksNoServer()
    {
        var tenant = await ReadyAsync(NewName("leida"));
        await Host.Get<ObservationRounds>().ObserveTenantsAsync([tenant.Id], Cancellation);
        await Host.Get<ServerPreparation>().ReadAsync(Host.Admin, Cancellation);
        using var ofTenant = new Statements(tenant.DatabaseName!, "");
        using var ofCatalogue = new Statements(Host.Master.Database, "pg_");

        var roles = await Host.Get<CredentialService>().ListAsync(Host.Admin, tenant.Id, Cancellation);
        var openings = await Host.Get<ServerPreparation>().LastAsync(Host.Admin, Cancellation);
        var content = await Host.Get<TenantContents>().ReadAsync(Host.Admin, tenant.Id, Cancellation);
        await Host.Get<IsolationService>().LastAsync(Host.Admin, tenant.Id, Cancellation);
        await Host.Get<IsolationService>().HistoryAsync(Host.Admin, tenant.Id, 30, Cancellation);

        Assert.Empty(ofTenant.Seen);
        Assert.Empty(ofCatalogue.Seen);
        Assert.Equal(0, Assert.Single(roles).Sessions);
        Assert.NotNull(openings);
        Assert.Equal(0, content!.DemoRows);
    }

    /// <summary>Each look for demonstration rows reads whole tables, and only demo tenants get any.</summary>
    [Fact]
    public async Task DemoRows_OfAProductionTenantWithoutAny_AreLookedForOnRequestOnly()
    {
        var tenant = await ReadyAsync(NewName("seria"));
        await Host.Get<TenantContents>().CountAsync(Host.Admin, tenant.Id, Cancellation);
        await PostgresServer.ExecuteAsync(Server.SuperuserUrl(tenant.DatabaseName!),
            "INSERT INTO clients (ruc, razon_social, es_demo) VALUES ('20100000001', 'Ficticia', true)", Cancellation);
        var counter = Host.Get<TenantContentCounter>();

        var routine = await counter.CountRoutinelyAsync(tenant.Id, Cancellation);
        var asked = await counter.CountAsync(tenant.Id, Cancellation);
        var next = await counter.CountRoutinelyAsync(tenant.Id, Cancellation);

        Assert.Equal((0, 1, 1), (routine!.DemoRows, asked!.DemoRows, next!.DemoRows));
    }

    [Fact]
    public async Task Observe_StaleResult_DoesNotOverwriteANewerRow()
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
    public async Task Observe_ForeignDatabaseDropped_IsForgotten()
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
    public async Task Worker_NewTenant_IsMeasuredSoonAndItsDropNoticed()
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

        // Every role that can connect to the master can send this.
        await PostgresServer.ExecuteAsync(
            host.Master, "NOTIFY vigia_tenants, 'x'; NOTIFY vigia_tenants, '99999999999'", Cancellation);
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
