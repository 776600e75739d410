using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantDatabase;

/// <summary>What is inside one tenant's database. Which tenant is decided by the connection it is given, never by the context.</summary>
public sealed class TenantContext(DbContextOptions<TenantContext> options) : DbContext(options)
{
    public DbSet<TenantUser> Users => Set<TenantUser>();

    public DbSet<Role> Roles => Set<Role>();

    public DbSet<UserRole> UserRoles => Set<UserRole>();

    public DbSet<Icsr> Icsr => Set<Icsr>();

    public DbSet<IcsrProduct> IcsrProducts => Set<IcsrProduct>();

    public DbSet<IcsrEvent> IcsrEvents => Set<IcsrEvent>();

    public DbSet<Product> Products => Set<Product>();

    public DbSet<Client> Clients => Set<Client>();

    public DbSet<SurveillanceAlert> SurveillanceAlerts => Set<SurveillanceAlert>();

    public DbSet<TenantLimits> Limits => Set<TenantLimits>();

    public DbSet<AuditLogEntry> AuditLog => Set<AuditLogEntry>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => TenantModel.Configure(modelBuilder);
}
