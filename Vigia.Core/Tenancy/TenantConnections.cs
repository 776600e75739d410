using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Configuration;
using Vigia.Core.Master;
using Vigia.Core.Provisioning;

namespace Vigia.Core.Tenancy;

/// <summary>Sessions with a tenant's own credentials; they open that tenant's database and nothing else (invariant 4).</summary>
public sealed class TenantConnections(VigiaSettings settings, IDbContextFactory<MasterContext> contexts, IDataProtectionProvider protection)
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

    // Host and options of TENANT_DB_TEMPLATE; database, user and password of the tenant.
    private string ConnectionString(TenantCredential credential, string database)
    {
        var builder = settings.TenantTemplate.For(database).WithUser(credential.RoleName, Unprotect(credential)).ToConnectionStringBuilder();
        builder.Pooling = false;
        builder.Timeout = 10;
        return builder.ConnectionString;
    }
}
