using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Configuration;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.TenantSide;

/// <summary>
/// A portal as it is where DATABASE_URL alone is set. Its master is one of the test server instead of the private
/// PostgreSQL, which takes longer to start; <see cref="Startup.LegacyStartTests"/> starts that one.
/// </summary>
public abstract class LegacyHost(PostgresServer server) : TenantSideHost(server)
{
    private readonly TestFolder _folder = TestFolder.Create();

    /// <summary>The database of DATABASE_URL.</summary>
    public LegacyDatabase Product { get; private set; } = default!;

    /// <summary>Creates the product's database.</summary>
    protected abstract Task<LegacyDatabase> CreateAsync();

    protected override async Task PrepareAsync() => Product = await CreateAsync();

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.ConfigureTestServices(services =>
        {
            var settings = (VigiaSettings)services.Last(s => s.ServiceType == typeof(VigiaSettings))
                .ImplementationInstance!;
            services.AddSingleton(settings with
            {
                UsesPrivateCluster = true,
                LegacyDatabase = Product.Url,
                DataDirectory = _folder.Path,
            });
        });
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Product.DisposeAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Signs in without naming a tenant.</summary>
    public async Task<TenantCalls> SignedInAsync(string login)
    {
        using var nobody = Nobody();
        return new(Address, null, TenantWorld.TokenIn((await nobody.LoginAsync(login, Password)).Expect(200)));
    }
}

/// <summary>On the product's nine tables.</summary>
public sealed class NineTables(PostgresServer server) : LegacyHost(server)
{
    protected override Task<LegacyDatabase> CreateAsync() => LegacyDatabase.WithNineTablesAsync(Postgres);
}

/// <summary>On our own tables, which the portal did not make.</summary>
public sealed class OwnTables(PostgresServer server) : LegacyHost(server)
{
    protected override Task<LegacyDatabase> CreateAsync() => LegacyDatabase.WithOwnTablesAsync(Postgres);
}
