using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Vigia.Core;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Lifecycle.Adoption;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Startup;

namespace Vigia.Tests.Infrastructure;

/// <summary>
/// All of Vigia.Core on a master database of its own, connected as the portal's role, which is not a superuser. There
/// is no browser and no web server.
/// </summary>
public sealed class CoreHost : IAsyncDisposable
{
    public const string Secret = "a secret key for tests, long enough to be one";
    private readonly PostgresServer _server;
    private readonly IHost _host;

    private readonly bool _ownsMaster;

    private CoreHost(PostgresServer server, IHost host, PostgresUrl master, bool ownsMaster)
    {
        (_server, _host, Master, _ownsMaster) = (server, host, master, ownsMaster);
    }

    /// <summary>An administrator and a member of support, both stored in the master.</summary>
    public Actor Admin { get; private set; } = null!;

    public Actor Support { get; private set; } = null!;

    public const string AdminPassword = "Una-clave-de-prueba-1";
    private const string AdminName = "Ana Administradora";
    private const string SupportName = "Saúl Soporte";

    public PostgresUrl Master { get; }

    public PostgresServer Server => _server;

    public IServiceProvider Services => _host.Services;

    /// <summary>Starts on a new, migrated master database.</summary>
    /// <param name="server">The PostgreSQL server.</param>
    /// <param name="workers">Whether workers run operations.</param>
    /// <param name="configure">Changes to the services.</param>
    /// <param name="master">An existing master; null makes a new one.</param>
    /// <param name="template">TENANT_DB_TEMPLATE; null means the server itself.</param>
    /// <param name="via">
    /// Turns the master's address into the one that the portal is given; null means a direct connection.
    /// </param>
    /// <param name="hasOwnKeys">
    /// Whether the new master has keys of its own, like that of another company. The others of a run share theirs.
    /// </param>
    /// <param name="change">Changes the settings; null leaves them.</param>
    public static async Task<CoreHost> StartAsync(
        PostgresServer server, bool workers = true, Action<IServiceCollection>? configure = null,
        PostgresUrl? master = null, TenantTemplate? template = null, Func<PostgresUrl, PostgresUrl>? via = null,
        bool hasOwnKeys = false, Func<VigiaSettings, VigiaSettings>? change = null)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var fresh = master is null;
        var isClone = fresh && server.IsShared && !hasOwnKeys;
        if (isClone)
        {
            master = await server.CreateStartedMasterAsync(url => StartFirstAsync(server, url), via, cancellationToken);
        }
        else
        {
            master ??= await server.CreateMasterAsync(null, cancellationToken);
            master = via?.Invoke(master) ?? master;
        }

        var host = Build(server, master, fresh, workers, configure, template, change);
        await host.Services.GetRequiredService<MasterStartup>().RunAsync(cancellationToken);
        if (fresh && !isClone)
        {
            await host.AddFirstStaffAsync();
        }

        if (fresh)
        {
            await host.FindFirstStaffAsync();
        }

        await host._host.StartAsync(cancellationToken);
        return host;
    }

    // All hosts of a run begin with the same keys, rights of the roles, and two members of staff.
    private static async Task StartFirstAsync(PostgresServer server, PostgresUrl master)
    {
        var host = Build(server, master, ownsMaster: false, workers: false, null, null, null);
        await host.Services.GetRequiredService<MasterStartup>().RunAsync(TestContext.Current.CancellationToken);
        await host.AddFirstStaffAsync();
        await host.DisposeAsync();
    }

    private static CoreHost Build(
        PostgresServer server, PostgresUrl master, bool ownsMaster, bool workers, Action<IServiceCollection>? configure,
        TenantTemplate? template, Func<VigiaSettings, VigiaSettings>? change)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        var settings = new VigiaSettings
        {
            MasterDatabase = master,
            BaseDomain = "vigia.test",
            SecretKey = Secret,
            Roles = workers ? InstanceRoles.All : InstanceRoles.Staff,
        };
        settings = template is null ? settings : settings with { TenantTemplate = template };
        builder.Services.AddVigiaCore(change?.Invoke(settings) ?? settings);
        builder.Services.Configure<OperationOptions>(o =>
        {
            o.Lease = TimeSpan.FromSeconds(3);
            o.Renewal = TimeSpan.FromMilliseconds(500);
            o.Poll = TimeSpan.FromMilliseconds(500);
            o.FirstBackOff = TimeSpan.FromMilliseconds(200);
            o.LongestBackOff = TimeSpan.FromSeconds(1);
        });

        CopiedDatabase.Use(builder.Services, server);

        // The server is full of the databases of other tests, and each proof would try ten of them.
        builder.Services.Configure<IsolationOptions>(o => o.Sample = 2);
        builder.Services.Configure<AdoptionOptions>(o => o.Enabled = true);

        // Every test creates two members of staff. The cost of hashing their passwords is not under test.
        builder.Services.Configure<PasswordHasherOptions>(o => o.IterationCount = 1_000);

        // Its sessions in the tenants' databases would come between those of the tests. See ObservationTests.
        builder.Services.Remove(builder.Services.SingleOrDefault(s => s.ImplementationType == typeof(ObservationWorker))
            ?? ServiceDescriptor.Singleton<ObservationWorker, ObservationWorker>());
        configure?.Invoke(builder.Services);
        return new CoreHost(server, builder.Build(), master, ownsMaster);
    }

    public T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    public Task<MasterContext> OpenMasterAsync() =>
        Get<IDbContextFactory<MasterContext>>().CreateDbContextAsync(TestContext.Current.CancellationToken);

    /// <summary>Pauses or resumes the workers of all instances of this master.</summary>
    public Task PauseWorkersAsync(bool paused) =>
        Get<WorkerSwitch>().PauseWorkersAsync(Admin, paused, TestContext.Current.CancellationToken);

    /// <summary>Waits until an operation has ended or needs a person, and returns it.</summary>
    public async Task<Operation> EndOfAsync(Guid operationId)
    {
        Operation? operation = null;
        await Eventually.HoldsAsync($"operation {operationId} ends", async () =>
        {
            operation = await Get<OperationService>()
                .GetAsync(Actor.System, operationId, TestContext.Current.CancellationToken);
            return operation.State is OperationState.Succeeded or OperationState.Failed or OperationState.Cancelled
                or OperationState.Waiting;
        }, TestContext.Current.CancellationToken, TimeSpan.FromSeconds(60));
        return operation!;
    }

    /// <summary>Reads one value from a database, as the superuser.</summary>
    public async Task<T?> ScalarAsync<T>(string database, string sql)
    {
        await using var connection =
            await PostgresServer.OpenAsync(_server.SuperuserUrl(database), TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken) is T value ? value : default;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        if (!_ownsMaster)
        {
            await ((IAsyncDisposable)_host).DisposeAsync();
            return;
        }

        var names = new List<string>();
        await using (var connection =
            await PostgresServer.OpenAsync(_server.SuperuserUrl(Master.Database), CancellationToken.None))
        await using (var command = new NpgsqlCommand(
            "SELECT name FROM portal.databases WHERE EXISTS (SELECT FROM pg_database WHERE datname = name)",
            connection))
        await using (var reader = await command.ExecuteReaderAsync(CancellationToken.None))
        {
            while (await reader.ReadAsync(CancellationToken.None))
            {
                names.Add(reader.GetString(0));
            }
        }

        if (_host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }

        // An empty tenant takes 10 MB of disk, so everything that a test created is dropped with it.
        foreach (var name in names.Append(Master.Database))
        {
            await _server.DropDatabaseAsync(name, CancellationToken.None);
        }
    }

    private async Task AddFirstStaffAsync()
    {
        await AddStaffAsync(AdminName, "ana@vigia.test", StaffRoles.Administrator);
        await AddStaffAsync(SupportName, "saul@vigia.test", StaffRoles.Support);
    }

    private async Task FindFirstStaffAsync()
    {
        await using var db = await OpenMasterAsync();
        var ids = await db.Users.ToDictionaryAsync(
            member => member.FullName, member => member.Id, TestContext.Current.CancellationToken);
        Admin = new Actor(ids[AdminName], AdminName, "127.0.0.1", [StaffRoles.Administrator]);
        Support = new Actor(ids[SupportName], SupportName, "127.0.0.1", [StaffRoles.Support]);
    }

    /// <summary>Adds a member of staff with the password <see cref="AdminPassword"/>.</summary>
    public async Task<Actor> AddStaffAsync(string name, string email, string role)
    {
        await using var scope = Services.CreateAsyncScope();
        var member = await scope.ServiceProvider.GetRequiredService<StaffAccounts>()
            .CreateAsync(name, email, AdminPassword, role, TestContext.Current.CancellationToken);
        return new Actor(member.Id, name, "127.0.0.1", [role]);
    }
}
