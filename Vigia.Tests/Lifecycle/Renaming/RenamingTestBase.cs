using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Lifecycle.Renaming;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenancy;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Renaming;

/// <summary>Renames tenants and looks at what their names lead to.</summary>
public abstract class RenamingTestBase(PostgresServer server) : CoreTestBase(server)
{
    protected TenantRenaming Renaming => Host.Get<TenantRenaming>();

    protected OperationService Operations => Host.Get<OperationService>();

    protected Task<Guid> AskAsync(int id, string name) =>
        Renaming.RenameAsync(Host.Admin, id, name, "La empresa cambió de nombre", Cancellation);

    protected async Task RenameAsync(int id, string name)
    {
        var ended = await Host.EndOfAsync(await AskAsync(id, name));
        Assert.True(ended.State == OperationState.Succeeded, $"{ended.State}: {ended.Error}");
    }

    protected async Task<string[]> AliasesAsync(int id)
    {
        await using var db = await Host.OpenMasterAsync();
        return await db.Set<TenantAlias>().Where(a => a.TenantId == id).OrderBy(a => a.Name).Select(a => a.Name)
            .ToArrayAsync(Cancellation);
    }

    /// <summary>Waits until a request with this header gets this answer.</summary>
    protected Task LeadsToAsync(string name, TenantRefusal refusal, int? id) => Eventually.HoldsAsync(
        $"{name} leads to {id}: {refusal}", () => Task.FromResult(
            Host.Get<TenantResolver>().Resolve(new(name, null, null)) is var found
            && (found.Refusal, found.Entry?.Id) == (refusal, id)), Cancellation, TimeSpan.FromSeconds(20));

    /// <summary>Writes to the registry as the product does.</summary>
    protected Task WriteAsync(string sql) =>
        PostgresServer.ExecuteAsync(Server.SuperuserUrl(Host.Master.Database), sql, Cancellation);

    protected static async Task ExecuteAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    /// <summary>The statement with which the product adds a tenant, whose database has a name of its own.</summary>
    protected static string Insert(string name) => $"""
        INSERT INTO clientes_saas (ruc, razon_social, subdominio, correo_acceso, db_name)
        VALUES ('{NewRuc()}', 'Otra S.A.', '{name}', 'a@otra.pe', '{NewName("vigia_x")}')
        """;
}
