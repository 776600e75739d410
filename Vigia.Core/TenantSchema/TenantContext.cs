using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Conventions;

namespace Vigia.Core.TenantSchema;

/// <summary>
/// The contents of one tenant database. The connection alone decides which tenant it is.
/// </summary>
public sealed class TenantContext(DbContextOptions<TenantContext> options) : DbContext(options)
{
    public DbSet<TenantUser> Users => Set<TenantUser>();

    public DbSet<Role> Roles => Set<Role>();

    public DbSet<UserRole> UserRoles => Set<UserRole>();

    public DbSet<Icsr> Icsr => Set<Icsr>();

    public DbSet<TenantLimits> Limits => Set<TenantLimits>();

    public DbSet<TenantUsage> Usage => Set<TenantUsage>();

    public DbSet<AuditLogEntry> AuditLog => Set<AuditLogEntry>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => TenantModel.Configure(modelBuilder);

    // Foreign keys get no automatic index. Each index must serve a documented list or filter.
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Conventions.Remove<ForeignKeyIndexConvention>();
}
