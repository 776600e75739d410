using System.Collections.Concurrent;
using Npgsql;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;

namespace Vigia.Core.Tenancy;

/// <summary>
/// Opens sessions in tenants' databases, each with the tenant's own login role.
/// State of the process: a data source for each tenant's credential.
/// </summary>
public sealed class TenantSessions(TenantConnections connections) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(string Database, Guid Credential), NpgsqlDataSource> _sources = new();

    /// <exception cref="TenantRefusedException">The tenant can't be reached.</exception>
    public async ValueTask<TenantSession> OpenAsync(TenantEntry tenant, CancellationToken cancellationToken)
    {
        var source = _sources.TryGetValue((tenant.DatabaseName!, tenant.CredentialId), out var known) ? known
            : await CreateAsync(tenant, cancellationToken);
        try
        {
            return new TenantSession(await source.OpenConnectionAsync(cancellationToken));
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            throw new TenantRefusedException(TenantRefusal.DatabaseMissing, tenant.DatabaseName!);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var source in _sources.Values)
        {
            await source.DisposeAsync();
        }
    }

    private async Task<NpgsqlDataSource> CreateAsync(TenantEntry tenant, CancellationToken cancellationToken)
    {
        var credential = await connections.CurrentAsync(tenant.Id, cancellationToken);
        var settings = connections.Builder(credential, tenant.DatabaseName!);
#pragma warning disable RS0030 // Sessions of tenants are pooled, so their data sources live as long as the process.
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = "tenants" };
#pragma warning restore RS0030
        return _sources.GetOrAdd((tenant.DatabaseName!, tenant.CredentialId),
            _ => TolerantTypes.AddTo(builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false))).Build());
    }
}
