using System.Diagnostics;
using System.Runtime.Versioning;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Vigia.Core;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Startup;
using Vigia.Core.Tenants;

[assembly: UnsupportedOSPlatform("windows")]

namespace Vigia.Benchmarks;

/// <summary>
/// A private PostgreSQL, as durable as one in production, and all of Core with its workers on it. Everything is removed
/// afterwards.
/// </summary>
internal sealed class World : IAsyncDisposable
{
    private readonly string _folder;
    private readonly PrivateCluster _cluster;
    private readonly IHost _host;
    private int _tenants;

    private World(string folder, PrivateCluster cluster, IHost host) =>
        (_folder, _cluster, _host) = (folder, cluster, host);

    public IServiceProvider Services => _host.Services;

    public PostgresUrl Master => _cluster.Settings.MasterDatabase!;

    /// <summary>The folder of the cluster. Another program that is given it uses the same cluster.</summary>
    public string Folder => _folder;

    /// <param name="workers">Whether workers run operations.</param>
    public static async Task<World> StartAsync(CancellationToken cancellationToken, bool workers = true)
    {
        var folder = Directory.CreateTempSubdirectory("vigia-benchmarks-").FullName;
        var cluster = await PrivateCluster.StartAsync(
            new VigiaSettings { DataDirectory = folder, BaseDomain = "vigia.test" }, cancellationToken);
        // Not the tenants' API: it would hold a share of the connections, by a budget of its own.
        var roles = workers ? InstanceRoles.Staff | InstanceRoles.Worker : InstanceRoles.Staff;
        var host = await StartAsync(cluster.Settings with { Roles = roles }, cancellationToken);
        return new World(folder, cluster, host);
    }

    /// <summary>Starts another instance on the same master, which serves the tenants' API only.</summary>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <param name="configure">Changes to the services.</param>
    public Task<IHost> StartTenantSideAsync(
        CancellationToken cancellationToken, Action<IServiceCollection>? configure = null) =>
        StartAsync(_cluster.Settings with { Roles = InstanceRoles.Tenant }, cancellationToken, configure);

    private static async Task<IHost> StartAsync(
        VigiaSettings settings, CancellationToken cancellationToken, Action<IServiceCollection>? more = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.Services.AddVigiaCore(settings);
        more?.Invoke(builder.Services);
        var host = builder.Build();
        await host.Services.GetRequiredService<MasterStartup>().RunAsync(cancellationToken);
        await host.StartAsync(cancellationToken);
        return host;
    }

    public async Task<string> ServerVersionAsync(CancellationToken cancellationToken)
    {
        await using var session = await OpenAsync(Master, cancellationToken);
        return $"PostgreSQL {session.PostgreSqlVersion}";
    }

    /// <summary>A session of the master's pool.</summary>
    public async Task<NpgsqlConnection> PooledAsync(CancellationToken cancellationToken) =>
        await Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(cancellationToken);

    /// <summary>Opens a session outside every pool.</summary>
    public static async Task<NpgsqlConnection> OpenAsync(PostgresUrl url, CancellationToken cancellationToken)
    {
        var settings = url.ToConnectionStringBuilder();
        settings.IncludeErrorDetail = true;
        return await PostgresSessions.OpenAsync(settings, cancellationToken);
    }

    public static async Task ExecuteAsync(NpgsqlConnection session, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public static async Task<double> TimeAsync(Func<Task> work)
    {
        var started = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    /// <summary>Registers a tenant without a database.</summary>
    public async Task RegisterAsync(CancellationToken cancellationToken)
    {
        await using var scope = _host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<TenantRegistration>()
            .RegisterAsync(Actor.System, Next() with { Provision = false }, cancellationToken);
    }

    /// <summary>Registers and provisions a tenant as the portal does.</summary>
    /// <returns>The name of its database, and the duration of each step in milliseconds.</returns>
    public async Task<(string Database, IReadOnlyDictionary<string, double> Steps)> ProvisionAsync(
        CancellationToken cancellationToken)
    {
        await using var scope = _host.Services.CreateAsyncScope();
        var next = Next();
        var name = next.Subdomain;
        var registered = await scope.ServiceProvider.GetRequiredService<TenantRegistration>()
            .RegisterAsync(Actor.System, next, cancellationToken);
        var operations = scope.ServiceProvider.GetRequiredService<OperationService>();
        while (true)
        {
            var operation = await operations.GetAsync(Actor.System, registered.OperationId!.Value, cancellationToken);
            if (operation.State == OperationState.Succeeded)
            {
                return ($"vigia_{name}",
                    operation.Steps.ToDictionary(
                    s => s.Name, s => (s.FinishedAt!.Value - s.StartedAt!.Value).TotalMilliseconds));
            }

            if (operation.State == OperationState.Failed)
            {
                throw new InvalidOperationException($"Provisioning failed: {operation.Error}");
            }

            await Task.Delay(20, cancellationToken);
        }
    }

    /// <summary>Adds a record to the audit trail, as every change does.</summary>
    public async Task AppendAsync(CancellationToken cancellationToken)
    {
        await using var db = await _host.Services.GetRequiredService<IDbContextFactory<MasterContext>>()
            .CreateDbContextAsync(cancellationToken);
        await _host.Services.GetRequiredService<AuditTrail>().CommitAsync(
            db, Actor.System, new AuditEntry(
                "bench.happened")
            { Reason = "banco", After = new Dictionary<string, object?> { ["plan"] = "basico" } },
                cancellationToken);
    }

    /// <summary>The name of the template of this build.</summary>
    public async Task<string> TemplateAsync(CancellationToken cancellationToken)
    {
        await using var db = await _host.Services.GetRequiredService<IDbContextFactory<MasterContext>>()
            .CreateDbContextAsync(cancellationToken);
        return await db.Set<ManagedDatabase>().Where(d => d.Kind == DatabaseKind.Template).Select(d => d.Name)
            .SingleAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        await ((IAsyncDisposable)_host).DisposeAsync();
        NpgsqlConnection.ClearAllPools();
        await StopServerAsync();
        Directory.Delete(_folder, recursive: true);
    }

    // Hundreds of databases take longer to write than pg_ctl waits. The server ends all the same.
    private async Task StopServerAsync()
    {
        try
        {
            await _cluster.DisposeAsync();
        }
        catch (PostgresProgramException)
        {
            while (File.Exists(Path.Combine(_cluster.Folder, "postgres", "data", "postmaster.pid")))
            {
                await Task.Delay(100);
            }
        }
    }

    private RegisterTenant Next() => Numbered(Interlocked.Increment(ref _tenants));

    private static RegisterTenant Numbered(int number) => new()
    {
        Ruc = NewRuc(number),
        Subdomain = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"banco-{number}"),
        Details = new TenantDetails
        {
            LegalName = $"Banco de pruebas {number}", AccessEmail = "a@banco.invalid", Plan = "basico",
            Environment = TenantEnvironments.Demo,
        },
    };

    // Eleven digits with a valid check digit (docs/rules.md#ruc).
    private static string NewRuc(int number)
    {
        var ten = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"20{number:00000000}");
        int[] weights = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2];
        var check = 11 - (ten.Select((digit, i) => (digit - '0') * weights[i]).Sum() % 11);
        return ten + (check >= 10 ? check - 10 : check).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}
