using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Npgsql;

namespace Vigia.Core.TenantDatabase;

/// <summary>Makes a <see cref="TenantContext"/> for `dotnet ef`, and for the open connection of someone who already knows whose it is.</summary>
public sealed class TenantContextFactory : IDesignTimeDbContextFactory<TenantContext>
{
    private const string HistoryTable = "__EFMigrationsHistory";

    public TenantContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<TenantContext>().UseNpgsql("Host=localhost;Database=vigia_design", n => n.MigrationsHistoryTable(HistoryTable, "public")).Options);

    /// <summary>A context on <paramref name="connection"/>, which stays the caller's to close.</summary>
    public static TenantContext On(NpgsqlConnection connection) =>
        new(new DbContextOptionsBuilder<TenantContext>().UseNpgsql(connection, n => n.MigrationsHistoryTable(HistoryTable, "public")).Options);
}
