using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Vigia.Core.Registry.Tenants;

/// <summary>
/// Maps <c>public.clientes_saas</c>. Hand-written SQL (Master/Sql) creates the table or takes it over. EF must never
/// create, alter or drop it, because it may be a table of the live product.
/// </summary>
internal sealed class TenantConfiguration : IEntityTypeConfiguration<Tenant>
{
    public void Configure(EntityTypeBuilder<Tenant> tenant)
    {
        tenant.ToTable("clientes_saas", "public", table => table.ExcludeFromMigrations());
        tenant.HasKey(t => t.Id);
        tenant.Property(t => t.Ruc).HasColumnName("ruc");
        tenant.Property(t => t.LegalName).HasColumnName("razon_social");
        tenant.Property(t => t.Subdomain).HasColumnName("subdominio");
        tenant.Property(t => t.AccessEmail).HasColumnName("correo_acceso");
        tenant.Property(t => t.ContactName).HasColumnName("contacto_nombre");
        tenant.Property(t => t.Plan).HasColumnName("plan");
        tenant.Property(t => t.Environment).HasColumnName("entorno");
        tenant.Property(t => t.Config).HasColumnName("config").HasColumnType("jsonb");
        tenant.Property(t => t.LimitIssuance).HasColumnName("limitar_emision");
        tenant.Property(t => t.MaxDocuments).HasColumnName("max_comprobantes");
        tenant.Property(t => t.MaxUsers).HasColumnName("max_usuarios");
        tenant.Property(t => t.MaxEstablishments).HasColumnName("max_establecimientos");
        tenant.Property(t => t.DatabaseName).HasColumnName("db_name");
        tenant.Property(t => t.Version).IsRowVersion();
    }
}
