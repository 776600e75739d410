using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Faults;

/// <summary>A tenant of a pair.</summary>
/// <param name="Database">
/// The oid of its database: another database under the same name is not the tenant's. Null when it had none at the
/// start.
/// </param>
/// <param name="Second">The person who approves the administrator's requests.</param>
public sealed record PairTenant(int Id, string Subdomain, uint? Database, Actor Second);

/// <summary>
/// One host for all pairs, which supplies tenants in batches: many operations at once cost less than one after the
/// other.
/// </summary>
public sealed class PairHost(PostgresServer server) : IAsyncLifetime
{
    private readonly Stack<PairTenant> _ready = [];
    private int _ruc = 700_000;
    private CoreHost? _host;
    private StepFaults? _faults;
    private Actor? _second;

    public CoreHost Host => _host ?? throw new InvalidOperationException("Not started.");

    public Actor Second => _second ?? throw new InvalidOperationException("Not started.");

    public StepFaults Faults => _faults ?? throw new InvalidOperationException("Not started.");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await CoreHost.StartAsync(server, configure: services =>
        {
            services.Configure<IsolationOptions>(o =>
                (o.Sample, o.KeepReplacedRoleFor, o.LookAgainAfter) =
                    (1, TimeSpan.Zero, TimeSpan.FromMilliseconds(100)));
            services.Configure<ApprovalOptions>(o => o.HardDelete = true);
        });
        _second = await _host.AddStaffAsync("Berta Segunda", "berta@vigia.test", StaffRoles.Administrator);
        _faults = await StepFaults.InstallAsync(_host);
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }
    }

    /// <summary>Returns tenants in the condition that a kind of operation needs.</summary>
    public async Task<List<PairTenant>> TakeAsync(PairStart start, int count)
    {
        var taken = new List<PairTenant>();
        while (start != PairStart.Registered && taken.Count < count && _ready.TryPop(out var ready))
        {
            taken.Add(ready);
        }

        var made = await RegisterAsync(count - taken.Count, provision: start != PairStart.Registered);
        await DrainAsync();
        taken.AddRange(start == PairStart.Registered ? made : await ReadyAsync(made));
        if (start == PairStart.Trashed)
        {
            foreach (var tenant in taken)
            {
                await Host.Get<TenantDeletion>()
                    .DeleteAsync(Host.Admin, tenant.Id,
                        new DeletionRequest(
                            await Host.ScalarAsync<string>(Host.Master.Database,
                                $"SELECT subdominio FROM clientes_saas WHERE id = {tenant.Id}") ?? tenant.Subdomain,
                            "Fin", CoreHost.AdminPassword),
                    Cancellation);
            }

            await DrainAsync();
        }

        return taken;
    }

    /// <summary>Waits until no operation is queued or running.</summary>
    public async Task DrainAsync()
    {
        await using var db = await Host.OpenMasterAsync();
        var unfinished = db.Set<Operation>().AsNoTracking()
            .Where(o => o.State == OperationState.Queued || o.State == OperationState.Running
                || o.State == OperationState.Cancelling);
        try
        {
            await Eventually.HoldsAsync(
                "no operation is left", async () => !await unfinished.AnyAsync(Cancellation), Cancellation,
                TimeSpan.FromMinutes(3),
                every: TimeSpan.FromMilliseconds(150));
        }
        catch (Xunit.Sdk.XunitException e)
        {
            var left = await unfinished.ToListAsync(Cancellation);
            Assert.Fail($"{e.Message} "
                + string.Join(", ", left.Select(o => $"{o.Kind} {o.State} of {o.Subdomain}: {o.Error}")));
        }
    }

    /// <summary>
    /// Keeps the tenants that are as they were at the start, for the next pairs. Drops the others with everything they
    /// had.
    /// </summary>
    public async Task GiveBackAsync(IEnumerable<PairTenant> tenants)
    {
        await using var db = await Host.OpenMasterAsync();
        var ids = tenants.Select(c => c.Id).ToList();
        var usable = await db.Set<Tenant>()
            .Where(t => ids.Contains(t.Id) && t.State == TenantState.Ready && t.IsActive
                && t.ExpiresAt > DateTimeOffset.UtcNow
                && !db.Set<Operation>()
                    .Any(o => o.TenantId == t.Id
                    && (o.State == OperationState.Failed || o.State == OperationState.Waiting)))
            .Select(t => t.Id).ToListAsync(Cancellation);
        foreach (var tenant in tenants.Where(c => usable.Contains(c.Id) && c.Database is not null))
        {
            _ready.Push(tenant);
        }

        var over = ids.Except(usable).ToList();
        await DropAsync(over);
        await PostgresServer.ExecuteAsync(Server.SuperuserUrl(Host.Master.Database), string.Concat(
            new[]
            {
                "portal.tenant_trash WHERE id", "public.clientes_saas WHERE id",
                "portal.tenant_credentials WHERE tenant_id", "portal.databases WHERE tenant_id",
                "portal.approvals WHERE tenant_id", "portal.operations WHERE tenant_id",
            }
                .Select(from => $"DELETE FROM {from} = ANY ('{{{string.Join(',', over)}}}');")), Cancellation);
    }

    private PostgresServer Server => server;

    // An empty tenant takes 10 MB of disk.
    private async Task DropAsync(List<int> ids)
    {
        var databases = await NamesAsync(
            $"""
            SELECT p.datname FROM pg_database p JOIN portal.databases d
            ON shobj_description(p.oid, 'pg_database') LIKE '%:' || d.id OR p.datname = d.name
            WHERE d.tenant_id = ANY ('{Ids(ids)}')
            """);
        foreach (var name in databases)
        {
            await Server.DropDatabaseAsync(name, Cancellation);
        }

        foreach (var role in await NamesAsync(
            $"""
            SELECT c.role_name FROM portal.tenant_credentials c JOIN pg_roles ON rolname = role_name
            WHERE c.tenant_id = ANY ('{Ids(ids)}')
            """))
        {
            await PostgresServer.ExecuteAsync(
                Server.SuperuserUrl(Host.Master.Database), $"DROP ROLE {SqlIdentifier.Quote(role)}", Cancellation);
        }
    }

    internal static string Ids(IEnumerable<int> ids) => "{" + string.Join(',', ids) + "}";

    private async Task<List<string>> NamesAsync(string sql)
    {
        await using var connection =
            await PostgresServer.OpenAsync(Server.SuperuserUrl(Host.Master.Database), Cancellation);
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        var names = new List<string>();
        while (await reader.ReadAsync(Cancellation))
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }

    private async Task<List<PairTenant>> RegisterAsync(int count, bool provision)
    {
        var made = new List<PairTenant>();
        for (var i = 0; i < count; i++)
        {
            var name = $"par-{Guid.NewGuid().ToString("n")[..10]}";
            var details = new TenantDetails
            {
                LegalName = $"Laboratorio {name} S.A.C.",
                AccessEmail = $"admin@{name}.pe", Plan = "basico", Environment = TenantEnvironments.Demo,
                MaxUsers = 5
            };
            var request = new RegisterTenant
            {
                Ruc = Rucs.Next(_ruc++), Subdomain = name, Provision = provision,
                Details = details
            };
            var registered = await Host.Get<TenantRegistration>().RegisterAsync(Host.Admin, request, Cancellation);
            made.Add(new PairTenant(registered.TenantId, name, null, Second));
        }

        return made;
    }

    private async Task<List<PairTenant>> ReadyAsync(List<PairTenant> made)
    {
        var ready = new List<PairTenant>();
        foreach (var tenant in made)
        {
            var database = await Host.ScalarAsync<uint>(
                Host.Master.Database,
                "SELECT p.oid FROM pg_database p JOIN clientes_saas c ON c.db_name = p.datname "
                + $"WHERE c.id = {tenant.Id} AND c.state = 'ready'");
            Assert.True(database != 0, $"{tenant.Subdomain} is not ready");
            ready.Add(tenant with { Database = database });
        }

        return ready;
    }
}
