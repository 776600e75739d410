using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.Lifecycle.SchemaUpgrades;

namespace Vigia.Tests.Operations;

/// <summary>
/// All of Core. Every server is reached through a proxy that holds back each answer of every database but the master.
/// While an answer is held back, the code that waits for it must hold nothing in the master. No worker runs, so only
/// the test starts work.
/// </summary>
public abstract class NoCallUnderLockTestBase(PostgresServer server) : IAsyncLifetime
{
    // Shorter than the time for which the server lets a session idle in a transaction (10 s). After that time the
    // transaction would be gone, and the test would see nothing.
    private static readonly TimeSpan MayLast = TimeSpan.FromSeconds(6);

    private static int _ruc = 70_000;
    private readonly HashSet<OperationKind> _kinds = [];
    private readonly List<string> _wrong = [];
    private TcpProxy? _proxy;
    private CoreHost? _host;
    private NpgsqlConnection? _watch;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected CoreHost Host => _host!;

    protected TcpProxy Proxy => _proxy!;

    /// <summary>The kinds of the operations that ran.</summary>
    protected IReadOnlySet<OperationKind> Kinds => _kinds;

    /// <summary>How many answers were held back.</summary>
    protected int Held { get; private set; }

    public async ValueTask InitializeAsync()
    {
        var url = server.PortalUrl("postgres");
        _proxy = TcpProxy.InFrontOfPostgres(url.Host, url.Port);
        _host = await CoreHost.StartAsync(server, workers: false, Configure, via: master => new()
        {
            Host = "127.0.0.1", Port = _proxy.Port, Database = master.Database, Username = master.Username,
            Password = master.Password, Options = master.Options,
        });
    }

    public async ValueTask DisposeAsync()
    {
        _proxy?.Release();
        await (_watch?.DisposeAsync() ?? default);
        await (_host?.DisposeAsync() ?? default);
        await (_proxy?.DisposeAsync() ?? default);
        GC.SuppressFinalize(this);
    }

    protected static RegisterTenant Request(string subdomain, bool provision, string environment) => new()
    {
        Ruc = Rucs.Next(Interlocked.Increment(ref _ruc)),
        Subdomain = $"{subdomain}-{Guid.NewGuid().ToString("n")[..8]}",
        Provision = provision,
        Details = new TenantDetails
        {
            LegalName = $"Laboratorio {subdomain} S.A.C.",
            AccessEmail = $"admin@{subdomain}.pe", Plan = "basico", Environment = environment, MaxUsers = 5
        },
    };

    protected async Task<Tenant> RowAsync(int id)
    {
        await using var db = await Host.OpenMasterAsync();
        return await db.Set<Tenant>().AsNoTracking().SingleAsync(t => t.Id == id, Cancellation);
    }

    /// <summary>
    /// Calls a service in a scope of its own, as a request does. Each answer of a tenant's database is held back once.
    /// </summary>
    protected async Task<TAnswer> CallAsync<TService, TAnswer>(Func<TService, Task<TAnswer>> ask)
        where TService : notnull
    {
        await using var scope = Host.Services.CreateAsyncScope();
        var work = ask(scope.ServiceProvider.GetRequiredService<TService>());
        await WatchAsync(typeof(TService).Name, work);
        return await work;
    }

    /// <inheritdoc cref="CallAsync{TService, TAnswer}(Func{TService, Task{TAnswer}})"/>
    protected Task CallAsync<TService>(Func<TService, Task> act)
        where TService : notnull => CallAsync<TService, bool>(async service =>
        {
            await act(service);
            return true;
        });

    /// <summary>Runs operations until none is queued. Each answer of a tenant's database is held back once.</summary>
    protected async Task WorkAsync()
    {
        await Eventually.HoldsAsync("the queue is empty", async () =>
        {
            while (await Host.Get<OperationClaims>().TryClaimAsync(Cancellation) is { } claim)
            {
                await RunAsync(claim);
            }

            await using var db = await Host.OpenMasterAsync();
            return !await db.Set<Operation>()
                .AnyAsync(o => o.State == OperationState.Queued || o.State == OperationState.Running
                || o.State == OperationState.Cancelling, Cancellation);
        }, Cancellation, TimeSpan.FromSeconds(60));
    }

    /// <summary>Runs one operation until it pauses or has ended.</summary>
    protected async Task RunAsync(Claim claim, Task? alreadyRunning = null)
    {
        await using var db = await Host.OpenMasterAsync();
        var kind = await db.Set<Operation>().Where(o => o.Id == claim.Id).Select(o => o.Kind).SingleAsync(Cancellation);
        _kinds.Add(kind);
        var work = alreadyRunning ?? Host.Get<OperationRunner>().RunAsync(claim, Cancellation);
        await WatchAsync(kind.Code, work);
        await work;
    }

    protected async Task<Operation> OperationAsync(Guid id) =>
        await Host.Get<OperationService>().GetAsync(Host.Admin, id, Cancellation);

    protected async Task AssertSucceededAsync(Guid id)
    {
        var operation = await OperationAsync(id);
        Assert.True(operation.State == OperationState.Succeeded,
            $"{operation.Kind} {operation.State}: {operation.Error}");
    }

    private async Task WatchAsync(string what, Task work)
    {
        Proxy.HoldAnswersExcept(Host.Master.Database);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(3));
        while (!work.IsCompleted)
        {
            if (Proxy.Waiting > 0)
            {
                Held++;
                await LookAsync(what);
                Proxy.LetThrough();
            }

            await tick.WaitForNextTickAsync(Cancellation);
        }

        Proxy.Release();
        Assert.True(_wrong.Count == 0,
            $"While a tenant's answer was awaited, the master held: {string.Join("\n", _wrong)}");
    }

    // Transactions that end while the answer is still held back do not depend on it. An operation on several tenants
    // writes the result of one tenant while another one is slow.
    private async Task LookAsync(string what)
    {
        var first = await OpenTransactionsAsync();
        if (first.Count == 0)
        {
            return;
        }

        var since = TimeProvider.System.GetTimestamp();
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(25));
        while (Proxy.Waiting > 0 && TimeProvider.System.GetElapsedTime(since) < MayLast)
        {
            if (!(await OpenTransactionsAsync()).Keys.Any(first.ContainsKey))
            {
                return;
            }

            await tick.WaitForNextTickAsync(Cancellation);
        }

        _wrong.Add($"{what}: {string.Join("; ", first.Values)}");
    }

    private async Task<Dictionary<string, string>> OpenTransactionsAsync()
    {
        var open = new Dictionary<string, string>();
        _watch ??= await PostgresServer.OpenAsync(server.SuperuserUrl("postgres"), Cancellation);
        await using var command = new NpgsqlCommand(
            """
            SELECT pid || ' ' || xact_start, application_name || ', ' || state || ': ' || left(query, 200)
            FROM pg_stat_activity
            WHERE datname = $1 AND backend_type = 'client backend' AND xact_start IS NOT NULL
              AND (state LIKE 'idle in transaction%' OR wait_event_type = 'Lock')
            """, _watch)
        { Parameters = { new() { Value = Host.Master.Database } } };
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        while (await reader.ReadAsync(Cancellation))
        {
            open[reader.GetString(0)] = reader.GetString(1);
        }

        return open;
    }

    private static void Configure(IServiceCollection services)
    {
        NextBuild.Use(services);
        services.Configure<ApprovalOptions>(o => o.HardDelete = true);
        services.Configure<IsolationOptions>(
            o => (o.KeepReplacedRoleFor, o.LookAgainAfter) = (TimeSpan.Zero, TimeSpan.FromMilliseconds(200)));
        services.Configure<MailOptions>(o => o.Host = "127.0.0.1");
        services.Configure<OperationOptions>(o => o.Lease = TimeSpan.FromMinutes(1));
    }
}
