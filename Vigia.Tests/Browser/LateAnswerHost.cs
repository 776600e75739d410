using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Browser;

/// <summary>One portal for all classes of its tests, because creating the tenants takes longer than a test.</summary>
[CollectionDefinition(nameof(LateAnswerHost))]
public sealed class TestsOfSubjects : ICollectionFixture<LateAnswerHost>;

/// <summary>
/// A portal between two proxies. One holds back the database's answers, the other one delays and cuts the browser's
/// connection. The portal has three objects of every kind whose page can become another object's page without a
/// navigation.
/// </summary>
public sealed class LateAnswerHost(PostgresServer server) : PortalHost(server)
{
    private TcpProxy? _answers;
    private TcpProxy? _line;

    /// <summary>The proxy between the portal and PostgreSQL.</summary>
    public TcpProxy Answers => _answers!;

    /// <summary>The proxy between the browser and the portal.</summary>
    public TcpProxy Line => _line!;

    public override Uri BrowserAddress => new($"http://127.0.0.1:{Line.Port}");

    /// <summary>
    /// Tenants with a database, in the order of the list. The first has one user, the second two, the third three.
    /// </summary>
    public IReadOnlyList<Subject> Tenants { get; private set; } = [];

    /// <summary>The operations that created their databases.</summary>
    public IReadOnlyList<Subject> Operations { get; private set; } = [];

    public IReadOnlyList<Subject> Members { get; private set; } = [];

    protected override Task PrepareAsync()
    {
        _answers = TcpProxy.InFrontOfPostgres(Master.Host, Master.Port);
        return Task.CompletedTask;
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.UseSetting("MASTER_DATABASE_URL", Proxied(Master).ToTextWithPassword());
        var template = Proxied(Postgres.PortalUrl("db_name")).ToTextWithPassword();
        builder.UseSetting("TENANT_DB_TEMPLATE", template.Replace("db_name", "{db_name}", StringComparison.Ordinal));
    }

    protected override async Task FillAsync()
    {
        _line = TcpProxy.InFrontOf(Address.Host, Address.Port);
        var names = new[] { "alfa", "beta", "gama" }.Select(PortalTenants.NewName).ToArray();
        var made = await Task.WhenAll(names.Select(name => this.RegisterAsync(name)));
        foreach (var (_, operation) in made)
        {
            await this.ReachAsync(operation!.Value, OperationState.Succeeded);
        }

        Tenants = [.. made.Zip(names, (tenant, name) => new Subject($"{tenant.TenantId}", name))];
        Operations = [.. made.Zip(names, (tenant, name) => new Subject($"{tenant.OperationId}", name))];
        for (var more = 1; more < names.Length; more++)
        {
            await PostgresServer.ExecuteAsync(
                await TenantUrlAsync(made[more].TenantId, $"vigia_{names[more]}"),
                $"INSERT INTO users (email, hashed_password) SELECT 'u' || i, 'x' FROM generate_series(1, {more}) i",
                TestContext.Current.CancellationToken);
        }

        // The pages show the last count, and the database may have been counted before it got its users.
        await using (var scope = Scope())
        {
            var contents = scope.ServiceProvider.GetRequiredService<TenantContents>();
            foreach (var tenant in Tenants)
            {
                await contents.CountAsync(Actor.System, tenant.Number, TestContext.Current.CancellationToken);
            }
        }

        for (var number = 0; number < 22; number++)
        {
            await this.RegisterAsync(
                PortalTenants.NewName("demo"), provision: false, environment: TenantEnvironments.Demo);
        }

        var people = new List<Subject>();
        foreach (var name in new[] { "Alba Alva", "Berta Bello", "Gala Gamarra" })
        {
            var link = await this.InvitedAsync(name, PortalTeam.Access(StaffRoles.Operator));
            people.Add(new Subject($"{link.StaffId}", name));
        }

        Members = people;
        var first = Guid.Parse(people[0].Id);
        await this.InMasterAsync(db => db.Users.Where(s => s.Id == first).ExecuteUpdateAsync(
            set => set.SetProperty(s => s.TwoFactorEnabled, true), TestContext.Current.CancellationToken));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        foreach (var proxy in new[] { _answers, _line })
        {
            if (proxy is not null)
            {
                await proxy.DisposeAsync();
            }
        }
    }

    private PostgresUrl Proxied(PostgresUrl url) => new()
    {
        Host = "127.0.0.1",
        Port = Answers.Port,
        Database = url.Database,
        Username = url.Username,
        Password = url.Password,
        Options = url.Options,
    };

    /// <summary>An object with a page of its own.</summary>
    /// <param name="Id">Its id in the address.</param>
    /// <param name="Name">The text that only its own page shows.</param>
    public sealed record Subject(string Id, string Name)
    {
        public int Number => int.Parse(Id, System.Globalization.CultureInfo.InvariantCulture);

        public string Database => $"vigia_{Name}";
    }
}
