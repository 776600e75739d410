using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;

namespace Vigia.Core.Registry.Databases;

/// <summary>Opens sessions with a tenant's own credentials. See docs/rules.md#one-tenant-one-database.</summary>
public sealed class TenantConnections(
    VigiaSettings settings, IDbContextFactory<MasterContext> contexts, IDataProtectionProvider protection,
    TenantDatabases databases, DatabaseObserver observer)
{
    /// <summary>
    /// Creates a credential with a new password, for a login role that is created afterwards.
    /// <paramref name="isCurrent"/> says whether sessions use it from the start.
    /// </summary>
    public TenantCredential Create(ManagedDatabase database, bool isCurrent, DateTimeOffset now)
    {
        var id = Guid.CreateVersion7(now);
        return new TenantCredential
        {
            Id = id,
            DatabaseId = database.Id,
            TenantId = database.TenantId,
            RoleName = $"vigia_c_{id:N}",
            ProtectedPassword = Protector(id).Protect(PasswordGenerator.Create()),
            IsCurrent = isCurrent,
            CreatedAt = now,
        };
    }

    /// <summary>Decrypts the password of a credential.</summary>
    public string Unprotect(TenantCredential credential) =>
        Protector(credential.Id).Unprotect(credential.ProtectedPassword);

    /// <summary>
    /// The SCRAM verifier of a credential. It is always the same one, for the server and for a pooler.
    /// </summary>
    public string VerifierOf(TenantCredential credential) =>
        ScramVerifier.Create(Unprotect(credential), credential.Id);

    // Bound to one credential: a password that is copied to another row can't be decrypted.
    private IDataProtector Protector(Guid id) =>
        protection.CreateProtector("Vigia.TenantCredential.Password", id.ToString("N"));

    /// <summary>Reads the current credential of the tenant's own database.</summary>
    /// <exception cref="InvalidOperationException">The tenant has no credential.</exception>
    public async Task<TenantCredential> CurrentAsync(int tenantId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Set<TenantCredential>().AsNoTracking()
            .SingleOrDefaultAsync(
                c => c.IsCurrent && OwnDatabases.Of(db, tenantId).Any(d => d.Id == c.DatabaseId), cancellationToken)
            ?? throw new InvalidOperationException($"Tenant {tenantId} has no credential.");
    }

    /// <summary>
    /// Opens an unpooled session of the tenant's current role in its database, after checking the database's marker on
    /// that session.
    /// </summary>
    /// <exception cref="InvalidOperationException">The tenant has no credential.</exception>
    /// <exception cref="DatabaseConflictException">
    /// <c>database_not_ours</c>. A ready tenant becomes unmanaged.
    /// </exception>
    public async Task<NpgsqlConnection> OpenAsync(int tenantId, string database, CancellationToken cancellationToken)
    {
        var credential = await CurrentAsync(tenantId, cancellationToken);
        while (true)
        {
            try
            {
                return await OpenAsync(credential, database, cancellationToken);
            }
            catch (PostgresException e) when (
                e.SqlState is PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification
                or PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.ProtocolViolation)
            {
                // The credential was rotated between reading and using it. Only a newer one is tried, never the same
                // one twice. PgBouncer answers 08P01 where the server answers 28P01.
                var newer = await CurrentAsync(tenantId, cancellationToken);
                if (newer.Id == credential.Id)
                {
                    // A database that was restored without its properties may refuse the role. Then the lost marker is
                    // the reason.
                    if (await databases.RecordLossAsync(tenantId, null, null, cancellationToken))
                    {
                        throw new DatabaseConflictException("database_not_ours", database, "-");
                    }

                    await LookAsync(credential.DatabaseId, database, cancellationToken);
                    throw;
                }

                credential = newer;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidCatalogName)
            {
                // The database was dropped behind the portal's back. Everybody sees it at once.
                await LookAsync(credential.DatabaseId, database, cancellationToken);
                throw;
            }
        }
    }

    /// <summary>
    /// Looks at a database that has refused a session, and stores what is seen. A database without a row was dropped by
    /// the portal itself.
    /// </summary>
    internal async Task LookAsync(Guid databaseId, string name, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await db.Set<ManagedDatabase>().Where(d => d.Id == databaseId).Select(d => (int?)d.ServerId)
            .SingleOrDefaultAsync(cancellationToken) is { } server)
        {
            await observer.LookAsync(server, [name], cancellationToken);
        }
    }

    /// <summary>
    /// Address, role and password of sessions that are kept open between requests. Our settings are start-up options,
    /// so that they hold again after each reset. A pooler refuses such options, so on another route the role's own
    /// settings hold.
    /// </summary>
    /// <returns>Null when the credential does not exist any more.</returns>
    /// <exception cref="RuleException"><c>read_only</c>: this master may be a copy.</exception>
    internal async Task<NpgsqlConnectionStringBuilder?> PoolSettingsAsync(
        Guid credentialId, string database, CancellationToken cancellationToken)
    {
        databases.DemandWritable();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.Database.OpenConnectionAsync(cancellationToken);
        if (await db.Set<TenantCredential>().AsNoTracking()
            .SingleOrDefaultAsync(c => c.Id == credentialId, cancellationToken) is not { } credential)
        {
            return null;
        }

        var builder = Builder(credential, database);
        if (!HasOtherRoute)
        {
            builder.Options = SessionSettings.AddTo(
                builder.Options, ((NpgsqlConnection)db.Database.GetDbConnection()).PostgreSqlVersion.Major,
                RoleDdl.StatementTimeout, idleInTransaction: "60s");
        }

        return builder;
    }

    /// <summary>
    /// Address, role and password of DATABASE_URL, for the only tenant of an installation. Our settings are start-up
    /// options, so that the product's sessions never get them, not even through a pooler, which refuses them.
    /// </summary>
    /// <exception cref="RuleException"><c>read_only</c>: this master may be a copy.</exception>
    internal NpgsqlConnectionStringBuilder OnlyTenantSettings()
    {
        databases.DemandWritable();
        var builder = (settings.OnlyDatabase ?? throw new InvalidOperationException("There is a registry."))
            .ToConnectionStringBuilder();
        builder.Timeout = 10;
        builder.Options = SessionSettings.AddTo(
            builder.Options, statement: RoleDdl.StatementTimeout, idleInTransaction: "60s");
        return builder;
    }

    /// <summary>
    /// Whether a database that has refused a session has lost its marker. The tenant becomes unmanaged then.
    /// </summary>
    internal Task<bool> RecordLossAsync(int tenantId, CancellationToken cancellationToken) =>
        databases.RecordLossAsync(tenantId, null, null, cancellationToken);

    /// <inheritdoc cref="TenantDatabases.DemandInsideAsync(NpgsqlConnection, Guid, Guid?, CancellationToken)"/>
    internal Task DemandInsideAsync(
        NpgsqlConnection session, Guid databaseId, CancellationToken cancellationToken) =>
        databases.DemandInsideAsync(session, databaseId, null, cancellationToken);

    /// <summary>
    /// Opens an unpooled session with exactly this credential, whether it is current or not, after checking the
    /// database's marker.
    /// </summary>
    internal async Task<NpgsqlConnection> OpenAsync(
        TenantCredential credential, string database, CancellationToken cancellationToken)
    {
        var session = await PostgresSessions.OpenAsync(Builder(credential, database), cancellationToken);
        try
        {
            await SessionSettings.ApplyAsync(session, cancellationToken);
            await databases.DemandInsideAsync(session, credential.DatabaseId, null, cancellationToken);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Whether the sessions of tenants take another route than those of the portal: TENANT_DB_TEMPLATE names another
    /// host or port than the master, such as that of a pooler.
    /// </summary>
    internal bool HasOtherRoute =>
        settings.TenantTemplate.For("x") is var route
        && (route.Host, route.Port) != (settings.MasterDatabase.Host, settings.MasterDatabase.Port);

    /// <summary>
    /// Uses host and options of the master, with user and password of the tenant. Never goes through a pooler, whose
    /// own errors would hide those of the server. Contains the password.
    /// </summary>
    internal NpgsqlConnectionStringBuilder DirectBuilder(TenantCredential credential, string database)
    {
        var builder = settings.MasterDatabase.WithDatabase(database)
            .WithUser(credential.RoleName, Unprotect(credential)).ToConnectionStringBuilder();
        builder.Options = SessionSettings.AddTo(builder.Options, statement: RoleDdl.StatementTimeout);
        return builder;
    }

    /// <summary>
    /// Uses host and options of TENANT_DB_TEMPLATE, with user and password of the tenant. Contains the password.
    /// </summary>
    internal NpgsqlConnectionStringBuilder Builder(TenantCredential credential, string database)
    {
        var builder = settings.TenantTemplate.For(database).WithUser(credential.RoleName, Unprotect(credential))
            .ToConnectionStringBuilder();
        builder.Timeout = 10;
        return builder;
    }
}
