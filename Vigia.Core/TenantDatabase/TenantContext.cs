using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Conventions;

namespace Vigia.Core.TenantDatabase;

/// <summary>What is inside one tenant's database. Which tenant is decided by the connection it is given, never by the context.</summary>
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

    // An index is there for a list or filter that uses it, not for every reference.
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Conventions.Remove<ForeignKeyIndexConvention>();
}
