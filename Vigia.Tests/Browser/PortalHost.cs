using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Browser;

/// <summary>The real portal on its own port, with its own master database. A fixture for one class of tests.</summary>
public class PortalHost(PostgresServer server) : WebApplicationFactory<Program>, IAsyncLifetime
{
    public const string AdministratorEmail = "ana.quispe@vigia.example";
    public const string AdministratorPassword = "Tres-tristes-tigres-81";

    /// <summary>The secret of the portal, for another portal on the same master.</summary>
    protected const string SecretKey = "a-secret-key-for-tests-that-is-long-enough";

    private readonly string _database = $"test_master_{Guid.NewGuid():n}";

    /// <summary>The address on which the portal listens.</summary>
    public Uri Address { get; private set; } = default!;

    /// <summary>The address that browsers use.</summary>
    public virtual Uri BrowserAddress => Address;

    /// <summary>The cookies of the people who have signed in, by e-mail address.</summary>
    public Dictionary<string, List<Cookie>> SignIns { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The server with the databases of the portal and its tenants.</summary>
    public PostgresServer Postgres => server;

    /// <summary>The master database, for the portal's own role.</summary>
    public PostgresUrl Master => server.PortalUrl(_database);

    public async ValueTask InitializeAsync()
    {
        await CreateMasterAsync(_database, TestContext.Current.CancellationToken);
        await PrepareAsync();
        Listen();
        StartServer();
        Address = new Uri(
            Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        await FillAsync();
    }

    /// <summary>Listens on a free port of this machine.</summary>
    protected virtual void Listen() => UseKestrel(0);

    /// <summary>Creates the master on which the portal starts.</summary>
    protected virtual Task CreateMasterAsync(string name, CancellationToken cancellationToken) =>
        server.CreateMasterAsync(name, cancellationToken);

    /// <summary>Prepares the master before the portal starts on it.</summary>
    protected virtual Task PrepareAsync() => Task.CompletedTask;

    /// <summary>Adds the content that the class of tests needs.</summary>
    protected virtual Task FillAsync() => Task.CompletedTask;

    public override async ValueTask DisposeAsync()
    {
        // An empty tenant takes 10 MB of disk, so everything that a test created is dropped with it.
        await using (var db = await Services.GetRequiredService<IDbContextFactory<MasterContext>>()
            .CreateDbContextAsync(CancellationToken.None))
        {
            var databases = await db.Set<ManagedDatabase>().Select(d => d.Name).ToListAsync(CancellationToken.None);
            await base.DisposeAsync();
            foreach (var name in databases)
            {
                await server.DropDatabaseAsync(name, CancellationToken.None);
            }
        }

        await server.DropDatabaseAsync(_database, CancellationToken.None);
        GC.SuppressFinalize(this);
    }

    /// <summary>A scope with the portal's own services.</summary>
    public AsyncServiceScope Scope() => Services.CreateAsyncScope();

    /// <summary>The first administrator as an actor for calls of services.</summary>
    public async Task<Actor> AdministratorAsync()
    {
        await using var scope = Scope();
        var member = await scope.ServiceProvider.GetRequiredService<UserManager<StaffMember>>()
            .FindByEmailAsync(AdministratorEmail);
        return new Actor(member!.Id, member.FullName, "127.0.0.1", [StaffRoles.Administrator]);
    }

    /// <summary>The address of a database for a tenant's current role.</summary>
    public async Task<PostgresUrl> TenantUrlAsync(int tenantId, string database)
    {
        await using var db = await Services.GetRequiredService<IDbContextFactory<MasterContext>>()
            .CreateDbContextAsync(TestContext.Current.CancellationToken);
        var credential = await db.Set<TenantCredential>()
            .SingleAsync(c => c.TenantId == tenantId && c.IsCurrent, TestContext.Current.CancellationToken);
        return server.PortalUrl(database)
            .WithUser(credential.RoleName, Services.GetRequiredService<TenantConnections>().Unprotect(credential));
    }

    /// <summary>
    /// Whether the protections keep their defaults: a second factor for administrators, two people to delete. Most
    /// tests are about other things.
    /// </summary>
    protected virtual bool HasSafetyDefaults => false;

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment("Production");
        builder.UseSetting("MASTER_DATABASE_URL", Master.ToTextWithPassword());
        builder.UseSetting("TENANT_DB_TEMPLATE",
            server.PortalUrl("db_name").ToTextWithPassword().Replace("db_name", "{db_name}", StringComparison.Ordinal));
        builder.UseSetting("SECRET_KEY", SecretKey);
        builder.UseSetting("SAAS_BASE_DOMAIN", "vigia.example");
        builder.UseSetting("PORTAL_ADMIN_EMAIL", AdministratorEmail);
        builder.UseSetting("PORTAL_ADMIN_PASSWORD", AdministratorPassword);
        builder.UseSetting("Portal:EnvironmentName", "Pruebas");
        builder.UseSetting("Adoption:Enabled", "true");

        // The server is full of the databases of other tests, and each proof would try ten of them.
        builder.UseSetting("Isolation:Sample", "2");

        // Whole classes of tests sign in from one address, most of them as one person.
        builder.UseSetting("Staff:SignInsPerMinuteAndAddress", "10000");
        builder.UseSetting("Staff:FailedSignInsPerAddress", "10000");
        if (!HasSafetyDefaults)
        {
            builder.UseSetting("Staff:RequireSecondFactor", "None");
            builder.UseSetting("Approvals:HardDelete", "false");
        }

        builder.UseSetting("Logging:LogLevel:Default", "Warning");

        // Tests sign in all the time. The cost of hashing a password is not under test.
        builder.ConfigureTestServices(services =>
        {
            services.Configure<PasswordHasherOptions>(o => o.IterationCount = 1_000);
            CopiedDatabase.Use(services, server);
        });
    }
}
