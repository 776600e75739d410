using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Master;
using Vigia.Core.Provisioning;

namespace Vigia.Core.Tenancy;

/// <summary>
/// How a tenant's own role reaches its database: host and options of TENANT_DB_TEMPLATE, the tenant's database, user and password.
/// Npgsql connection string with <c>{db_name}</c> as database.
/// </summary>
public sealed record TenantDatabaseTemplate(string ConnectionString)
{
    public const string Placeholder = "{db_name}";

    public override string ToString() => "***";
}

/// <summary>Sessions with a tenant's own credentials; they open that tenant's database and nothing else (invariant 4).</summary>
public sealed class TenantConnections(TenantDatabaseTemplate template, IDbContextFactory<MasterContext> contexts, IDataProtectionProvider protection)
{
    private readonly IDataProtector _passwords = protection.CreateProtector("Vigia.TenantCredential.Password");

    /// <summary>A password as it is stored.</summary>
    public string Protect(string password) => _passwords.Protect(password);

    /// <summary>The password behind what is stored.</summary>
    public string Unprotect(TenantCredential credential) => _passwords.Unprotect(credential.ProtectedPassword);

    /// <summary>Opens an unpooled session of the tenant's current role in its database.</summary>
    /// <exception cref="InvalidOperationException">The tenant has no credential.</exception>
    public async Task<NpgsqlConnection> OpenAsync(int tenantId, string database, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var credential = await db.Credentials.AsNoTracking().SingleOrDefaultAsync(c => c.TenantId == tenantId && c.IsCurrent, cancellationToken)
            ?? throw new InvalidOperationException($"Tenant {tenantId} has no credential.");
        var connection = new NpgsqlConnection(ConnectionString(credential, database));
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private string ConnectionString(TenantCredential credential, string database) => new NpgsqlConnectionStringBuilder(template.ConnectionString)
    {
        Database = new NpgsqlConnectionStringBuilder(template.ConnectionString).Database!.Replace(TenantDatabaseTemplate.Placeholder, database, StringComparison.Ordinal),
        Username = credential.RoleName,
        Password = Unprotect(credential),
        Pooling = false,
        Timeout = 10,
    }.ConnectionString;
}
