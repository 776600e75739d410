using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Vigia.Core;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Configuration;
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
    /// <param name="change">Changes the settings; null leaves them.</param>
    public static async Task<CoreHost> StartAsync(
        PostgresServer server, bool workers = true, Action<IServiceCollection>? configure = null,
        PostgresUrl? master = null,
        TenantTemplate? template = null, Func<PostgresUrl, PostgresUrl>? via = null,
        Func<VigiaSettings, VigiaSettings>? change = null)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var fresh = master is null;
        master ??= await server.CreateMasterAsync(null, cancellationToken);
        master = via?.Invoke(master) ?? master;
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

        // Every test creates two members of staff. The cost of hashing their passwords is not under test.
        builder.Services.Configure<PasswordHasherOptions>(o => o.IterationCount = 1_000);

        // Its sessions in the tenants' databases would come between those of the tests. See ObservationTests.
        builder.Services.Remove(builder.Services.SingleOrDefault(s => s.ImplementationType == typeof(ObservationWorker))
            ?? ServiceDescriptor.Singleton<ObservationWorker, ObservationWorker>());
        configure?.Invoke(builder.Services);
        var host = new CoreHost(server, builder.Build(), master, fresh);
        await host.Services.GetRequiredService<MasterStartup>().RunAsync(cancellationToken);
        if (fresh)
        {
            host.Admin = await host.AddStaffAsync("Ana Administradora", "ana@vigia.test", StaffRoles.Administrator);
            host.Support = await host.AddStaffAsync("Saúl Soporte", "saul@vigia.test", StaffRoles.Support);
        }

        await host._host.StartAsync(cancellationToken);
        return host;
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

    /// <summary>Adds a member of staff with the password <see cref="AdminPassword"/>.</summary>
    public async Task<Actor> AddStaffAsync(string name, string email, string role)
    {
        await using var scope = Services.CreateAsyncScope();
        var member = await scope.ServiceProvider.GetRequiredService<StaffAccounts>()
            .CreateAsync(name, email, AdminPassword, role, TestContext.Current.CancellationToken);
        return new Actor(member.Id, name, "127.0.0.1", [role]);
    }
}
