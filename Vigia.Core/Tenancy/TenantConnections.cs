using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Configuration;
using Vigia.Core.Master;
using Vigia.Core.Postgres;
using Vigia.Core.Provisioning;

namespace Vigia.Core.Tenancy;

/// <summary>Sessions with a tenant's own credentials; they open that tenant's database and nothing else (invariant 4).</summary>
public sealed class TenantConnections(VigiaSettings settings, IDbContextFactory<MasterContext> contexts, IDataProtectionProvider protection)
{
    private readonly IDataProtector _passwords = protection.CreateProtector("Vigia.TenantCredential.Password");

    /// <summary>A credential with a new password, for a login role that is yet to be made.</summary>
    /// <param name="tenantId">The client.</param>
    /// <param name="number">The role's number.</param>
    /// <param name="isCurrent">Whether sessions get it from the start.</param>
    /// <param name="now">When.</param>
    public TenantCredential Create(int tenantId, int number, bool isCurrent, DateTimeOffset now) => new()
    {
        TenantId = tenantId,
        Number = number,
        RoleName = $"vigia_t{tenantId}_{number}",
        ProtectedPassword = _passwords.Protect(PasswordGenerator.Create()),
        IsCurrent = isCurrent,
        CreatedAt = now,
    };

    /// <summary>The password behind what is stored.</summary>
    public string Unprotect(TenantCredential credential) => _passwords.Unprotect(credential.ProtectedPassword);

    /// <summary>The credential in use.</summary>
    /// <exception cref="InvalidOperationException">The tenant has none.</exception>
    public async Task<TenantCredential> CurrentAsync(int tenantId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Credentials.AsNoTracking().SingleOrDefaultAsync(c => c.TenantId == tenantId && c.IsCurrent, cancellationToken)
            ?? throw new InvalidOperationException($"Tenant {tenantId} has no credential.");
    }

    /// <summary>Opens an unpooled session of the tenant's current role in its database.</summary>
    /// <exception cref="InvalidOperationException">The tenant has no credential.</exception>
    public async Task<NpgsqlConnection> OpenAsync(int tenantId, string database, CancellationToken cancellationToken)
    {
        var credential = await CurrentAsync(tenantId, cancellationToken);
        while (true)
        {
            try
            {
                return await OpenAsync(credential, database, cancellationToken);
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification or PostgresErrorCodes.InsufficientPrivilege)
            {
                // Rotated between reading the credential and using it: the newer one is tried, never the same one twice.
                var newer = await CurrentAsync(tenantId, cancellationToken);
                if (newer.Number == credential.Number)
                {
                    throw;
                }

                credential = newer;
            }
        }
    }

    /// <summary>Opens an unpooled session with this very credential, current or not.</summary>
    internal async Task<NpgsqlConnection> OpenAsync(TenantCredential credential, string database, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(Builder(credential, database).ConnectionString);
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

    /// <summary>Host and options of TENANT_DB_TEMPLATE; user and password of the tenant. Holds the password.</summary>
    internal NpgsqlConnectionStringBuilder Builder(TenantCredential credential, string database)
    {
        var builder = settings.TenantTemplate.For(database).WithUser(credential.RoleName, Unprotect(credential)).ToConnectionStringBuilder();
        builder.Pooling = false;
        builder.Timeout = 10;
        return builder;
    }
}
