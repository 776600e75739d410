using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Databases;

/// <summary>The task that a role has in the databases of tenants. The portal did not make the role.</summary>
[StoredInLowerCase]
public enum OutsidePurpose
{
    /// <summary>The product's own back end (PRODUCT_DB_ROLE): CONNECT and the rights of tenants.</summary>
    Product,

    /// <summary>A pooler (PGBOUNCER_AUTH_ROLE): CONNECT, and the function that looks up a tenant's verifier.</summary>
    Pooler,
}

/// <summary>
/// A role from the settings that has access to the databases of tenants, or had it and loses it now. The row and not
/// the setting of an instance decides what a database gets, so that all instances do the same.
/// See docs/rules.md#outside-roles.
/// </summary>
public sealed class OutsideRole
{
    public OutsidePurpose Purpose { get; init; }
    public required string RoleName { get; init; }

    /// <summary>Whether it has access. A former role is forgotten when nothing is left to take away.</summary>
    public bool IsWanted { get; set; }
    public DateTimeOffset ChangedAt { get; set; }
}

internal sealed class OutsideRoleConfiguration : IEntityTypeConfiguration<OutsideRole>
{
    public void Configure(EntityTypeBuilder<OutsideRole> role)
    {
        role.ToTable("outside_roles");
        role.HasKey(r => new { r.Purpose, r.RoleName });
        role.HasIndex(r => r.Purpose).HasDatabaseName("ix_outside_roles_one_wanted").IsUnique()
            .HasFilter("is_wanted");
    }
}
