using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.Lifecycle.Isolation;

namespace Vigia.Tests.Lifecycle.OutsideRoles;

/// <summary>A portal with PRODUCT_DB_ROLE, and roles that a test makes on the server.</summary>
public abstract class ProductRoleTestBase(PostgresServer server) : IsolationTestBase(server)
{
    protected const string Password = "una-clave-del-producto";
    private readonly List<string> _roles = [];
    protected string Role { get; private set; } = "";

    protected override VigiaSettings Change(VigiaSettings settings) => settings with { ProductDatabaseRole = Role };

    protected override async ValueTask<TenantTemplate?> TemplateAsync()
    {
        Role = await MakeRoleAsync("LOGIN");
        return null;
    }

    protected override async ValueTask EndAsync()
    {
        foreach (var role in _roles)
        {
            await AsSuperuserAsync("postgres", $"DROP ROLE IF EXISTS {role}");
        }
    }

    protected async Task DeleteAsync(Tenant tenant)
    {
        var deleted = await Host.EndOfAsync(await Host.Get<TenantDeletion>().DeleteAsync(
            Host.Admin, tenant.Id, new(tenant.Subdomain!, "fin", CoreHost.AdminPassword, 7), Cancellation));
        Assert.True(deleted.State == OperationState.Succeeded, $"{deleted.Error}");
    }

    protected async Task<string> MakeRoleAsync(string attributes)
    {
        var role = $"producto_{Guid.NewGuid().ToString("n")[..12]}";
        _roles.Add(role);
        await AsSuperuserAsync("postgres", $"CREATE ROLE {role} {attributes} PASSWORD '{Password}'");
        return role;
    }

    protected async Task<string> MarkerAsync(Tenant tenant)
    {
        await using var db = await Host.OpenMasterAsync();
        var master = await Host.ScalarAsync<Guid>(Host.Master.Database, "SELECT master_id FROM portal.instance");
        return DatabaseMarker.ForDatabase(master, await db.Set<ManagedDatabase>()
            .Where(d => d.TenantId == tenant.Id).Select(d => d.Id).SingleAsync(Cancellation));
    }

    protected Task SyncedAsync() => Eventually.HoldsAsync("the roles are in step", async () =>
    {
        await using var db = await Host.OpenMasterAsync();
        var kind = new OperationKind("sync_outside_roles");
        var all = await db.Set<Operation>().Where(o => o.Kind == kind).ToListAsync(Cancellation);
        Assert.DoesNotContain(all, o => o.State is OperationState.Failed or OperationState.Waiting);
        return all.Count > 0 && all.TrueForAll(o => o.State == OperationState.Succeeded);
    }, Cancellation, TimeSpan.FromSeconds(60));

    protected async Task<Operation> LastAsync()
    {
        await using var db = await Host.OpenMasterAsync();
        var kind = new OperationKind("sync_outside_roles");
        return await db.Set<Operation>().Where(o => o.Kind == kind).OrderByDescending(o => o.CreatedAt)
            .FirstAsync(Cancellation);
    }

    protected async Task<int> OperationsAsync()
    {
        await using var db = await Host.OpenMasterAsync();
        var kind = new OperationKind("sync_outside_roles");
        return await db.Set<Operation>().CountAsync(o => o.Kind == kind, Cancellation);
    }

    protected Task<long> GrantsAsync(string role, string database) => Host.ScalarAsync<long>("postgres", $"""
        SELECT count(*) FROM pg_database d, aclexplode(d.datacl) a
        WHERE d.datname = '{database}' AND a.grantee = '{role}'::regrole
        """);

    protected Task<long> MembershipsAsync(string role) => Host.ScalarAsync<long>("postgres", $"""
        SELECT count(*) FROM pg_auth_members WHERE member = '{role}'::regrole AND roleid = 'vigia_tenant'::regrole
        """);

    protected Task<NpgsqlConnection> OpenAsync(string database, string role) => PostgresSessions.OpenAsync(
        Host.Master.WithDatabase(database).WithUser(role, Password).ToConnectionStringBuilder(), Cancellation);

    protected async Task RefusedAsync(string database, string role)
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(() => OpenAsync(database, role));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    protected static async Task DeniedAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync(Cancellation));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    protected static async Task<long> ReadAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}
