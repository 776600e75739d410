using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Npgsql;

namespace Vigia.Core.TenantSchema;

/// <summary>
/// Creates a <see cref="TenantContext"/> for `dotnet ef`, or on an open connection to a known tenant's database.
/// </summary>
public sealed class TenantContextFactory : IDesignTimeDbContextFactory<TenantContext>
{
    private const string HistoryTable = "__EFMigrationsHistory";

    public TenantContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<TenantContext>()
            .UseNpgsql(n => n.MigrationsHistoryTable(HistoryTable, "public")).Options);

    /// <summary>Creates a context on <paramref name="connection"/>; the caller closes the connection.</summary>
    public static TenantContext On(NpgsqlConnection connection) =>
        new(new DbContextOptionsBuilder<TenantContext>()
            .UseNpgsql(connection, n => n.MigrationsHistoryTable(HistoryTable, "public")).Options);
}
