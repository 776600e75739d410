using Vigia.Core.Lifecycle.Adoption;
using Vigia.Core.Operations;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.Lifecycle.Isolation;

namespace Vigia.Tests.Lifecycle.Adoption;

/// <summary>Helpers for tests that adopt databases of the product's.</summary>
public abstract class AdoptionTestBase(PostgresServer server) : IsolationTestBase(server)
{
    private readonly List<ProductDatabase> _made = [];

    protected static AdoptionRequest Approved => new(true, "Copia del 1/12 en la caja fuerte", CoreHost.AdminPassword);

    protected async Task<ProductDatabase> MadeAsync(string sql = ProductDatabase.Tables, string? name = null)
    {
        var made = await ProductDatabase.CreateAsync(Server, sql, name);
        _made.Add(made);
        return made;
    }

    /// <summary>Drops a database when the test is over.</summary>
    protected void Keep(ProductDatabase database) => _made.Add(database);

    /// <summary>A tenant as the product registers it.</summary>
    protected Task<int> ProductRowAsync(string subdomain, string database) =>
        Host.ScalarAsync<int>(Host.Master.Database, $"""
            INSERT INTO clientes_saas
                (ruc, razon_social, subdominio, correo_acceso, plan, entorno, max_usuarios, db_name)
            VALUES ('{NewRuc()}', 'Producto {subdomain}', '{subdomain}', 'admin@producto.pe', 'basico', 'produccion', 3,
                '{database}') RETURNING id
            """);

    /// <summary>Makes a database, its row, and runs what its owner must run.</summary>
    protected async Task<(ProductDatabase Database, int Id)> AdoptableAsync(string sql = ProductDatabase.Tables)
    {
        var database = await MadeAsync(sql);
        await GrantAsync(database);
        return (database, await ProductRowAsync(NewName("producto"), database.Name));
    }

    protected static Task GrantAsync(ProductDatabase database) =>
        database.AsSuperuserAsync($"GRANT {database.Owner} TO {PostgresServer.PortalRole}");

    protected async Task<Operation> AdoptAsync(int id) =>
        await Host.EndOfAsync(await Host.Get<AdoptionService>().AdoptAsync(Host.Admin, id, Approved, Cancellation));

    protected async Task<(ProductDatabase Database, int Id)> AdoptedAsync(string sql = ProductDatabase.Tables)
    {
        var (database, id) = await AdoptableAsync(sql);
        AssertSucceeded(await AdoptAsync(id));
        return (database, id);
    }

    protected async Task<Operation> UndoAsync(int id) =>
        await Host.EndOfAsync(await Host.Get<AdoptionFollowUps>().UndoAsync(Host.Admin, id, "prueba", Cancellation));

    protected Task ConfirmAsync(int id) =>
        Host.Get<AdoptionFollowUps>().ConfirmAsync(Host.Admin, id, Cancellation);

    protected async Task<TenantView> ViewAsync(int id) =>
        (await Host.Get<TenantSearch>().GetAsync(Host.Admin, id, Cancellation)).View!;

    protected static void AssertSucceeded(Operation operation) => Assert.True(
        operation.State == OperationState.Succeeded, $"{operation.State}: {operation.Error?.Render()}");

    protected static void AssertFailed(string code, Operation operation) => Assert.True(
        operation.State == OperationState.Failed && operation.Error?.Code == code,
        $"{operation.State}: {operation.Error?.Code} {operation.Error?.Render()}");

    protected override async ValueTask EndAsync()
    {
        foreach (var made in _made)
        {
            await made.DisposeAsync();
        }
    }
}
