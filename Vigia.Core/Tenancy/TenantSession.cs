using Npgsql;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.Tenancy;

/// <summary>A session of a tenant's own login role in its database.</summary>
public sealed class TenantSession(NpgsqlConnection connection) : IAsyncDisposable
{
    public NpgsqlConnection Connection => connection;

    public TenantContext Context { get; } = TenantContextFactory.On(connection);

    public async ValueTask DisposeAsync()
    {
        await Context.DisposeAsync();
        await connection.DisposeAsync();
    }
}
