using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Vigia.Core.TenantDatabase;

/// <summary>
/// Keys, foreign keys, checks and indexes. Every relation makes each clone slower, so an index is here only when a documented
/// list or filter uses it; unique indexes on lower(...) can't be said in the model and stand in the first migration.
/// </summary>
internal static class TenantModel
{
    private const string Now = "now()";

    public static void Configure(ModelBuilder model)
    {
        model.Entity<TenantUser>(ConfigureUser);
        model.Entity<Role>(r =>
        {
            r.Property(x => x.Id).ValueGeneratedNever();
            r.HasIndex(x => x.Name).IsUnique().HasDatabaseName("roles_name_key");
            r.HasData(Role.Seed);
        });
        model.Entity<UserRole>(u =>
        {
            u.HasKey(x => new { x.UserId, x.RoleId });
            u.HasOne<TenantUser>().WithMany().HasForeignKey(x => x.UserId).OnDelete(DeleteBehavior.Cascade);
            u.HasOne<Role>().WithMany().HasForeignKey(x => x.RoleId).OnDelete(DeleteBehavior.Restrict);
            u.HasIndex(x => x.RoleId).HasDatabaseName("user_roles_role_id_idx");
        });
        model.Entity<Icsr>(ConfigureCase);
        model.Entity<IcsrEvent>(ConfigureEvent);
        model.Entity<IcsrProduct>(ConfigureCaseProduct);
        model.Entity<Product>(p => p.Property(x => x.CreatedAt).HasDefaultValueSql(Now));
        model.Entity<Client>(c =>
        {
            c.Property(x => x.IsActive).HasDefaultValue(true).ValueGeneratedNever();
            c.Property(x => x.CreatedAt).HasDefaultValueSql(Now);
        });
        model.Entity<SurveillanceAlert>(s =>
        {
            s.Property(x => x.CreatedAt).HasDefaultValueSql(Now);
            s.HasIndex(x => new { x.Scope, x.FechaPublicada }).HasDatabaseName("surveillance_alerts_scope_fecha_idx");
            s.ToTable(t => t.HasCheckConstraint("surveillance_alerts_scope_check", OneOf("scope", "national", "external")));
        });
        model.Entity<TenantLimits>(ConfigureLimits);
        model.Entity<AuditLogEntry>(a =>
        {
            // Never given by a client: the order of the records is the database's word.
            a.Property(x => x.Id).UseIdentityAlwaysColumn();
            a.Property(x => x.CreatedAt).HasDefaultValueSql(Now);
        });
    }

    private static void ConfigureUser(EntityTypeBuilder<TenantUser> user)
    {
        user.Property(x => x.IsActive).HasDefaultValue(true).ValueGeneratedNever();
        user.Property(x => x.Roles).HasDefaultValueSql("'{}'").ValueGeneratedNever();
        user.Property(x => x.CreatedAt).HasDefaultValueSql(Now);
        user.Property(x => x.UpdatedAt).HasDefaultValueSql(Now);
        user.ToTable(t =>
        {
            t.HasCheckConstraint("users_roles_check", "array_position(roles, NULL) IS NULL");
            // SQLAlchemy writes None into a JSON column as the JSON word null.
            t.HasCheckConstraint("users_custom_permissions_check", "jsonb_typeof(custom_permissions) IN ('object', 'null')");
        });
    }

    private static void ConfigureCase(EntityTypeBuilder<Icsr> icsr)
    {
        icsr.Property(x => x.CreatedAt).HasDefaultValueSql(Now);
        icsr.Property(x => x.FechaRecepcion).HasDefaultValueSql("(now() AT TIME ZONE 'America/Lima')::date");
        icsr.Property(x => x.Gravedad).HasDefaultValue("Sin clasificar").ValueGeneratedNever();
        icsr.Property(x => x.Estado).HasDefaultValue("Pendiente").ValueGeneratedNever();
        icsr.HasIndex(x => x.CodigoInterno).IsUnique().HasDatabaseName("icsr_codigo_interno_key");
        icsr.HasIndex(x => x.FechaRecepcion).HasDatabaseName("icsr_fecha_recepcion_idx");
        icsr.HasIndex(x => x.Estado).HasDatabaseName("icsr_estado_idx");
        icsr.ToTable(t =>
        {
            t.HasCheckConstraint("icsr_estado_check", OneOf("estado", "Pendiente", "En progreso", "Completado", "Enviado", "Cerrado"));
            t.HasCheckConstraint("icsr_gravedad_check", OneOf("gravedad", Severities));
            t.HasCheckConstraint("icsr_ea_causalidad_check", OneOf("ea_causalidad", Causalities));
        });
    }

    private static void ConfigureEvent(EntityTypeBuilder<IcsrEvent> entity)
    {
        entity.Property(x => x.IsFromNarrative).HasDefaultValue(false).ValueGeneratedNever();
        entity.HasOne<Icsr>().WithMany().HasForeignKey(x => x.IcsrId).OnDelete(DeleteBehavior.Cascade);
        entity.HasIndex(x => x.IcsrId).HasDatabaseName("icsr_events_icsr_id_idx");
        entity.ToTable(t =>
        {
            t.HasCheckConstraint("icsr_events_texto_check", "btrim(texto) <> ''");
            t.HasCheckConstraint("icsr_events_gravedad_check", OneOf("gravedad", Severities));
            t.HasCheckConstraint("icsr_events_causalidad_check", OneOf("causalidad", Causalities));
        });
    }

    private static void ConfigureCaseProduct(EntityTypeBuilder<IcsrProduct> product)
    {
        product.Property(x => x.Tipo).HasDefaultValue("sospechoso").ValueGeneratedNever();
        product.HasOne<Icsr>().WithMany().HasForeignKey(x => x.IcsrId).OnDelete(DeleteBehavior.Cascade);
        product.HasIndex(x => x.IcsrId).HasDatabaseName("icsr_products_icsr_id_idx");
        product.ToTable(t => t.HasCheckConstraint("icsr_products_tipo_check", OneOf("tipo", "sospechoso", "concomitante")));
    }

    private static void ConfigureLimits(EntityTypeBuilder<TenantLimits> limits)
    {
        limits.Property(x => x.Id).HasDefaultValue(true).ValueGeneratedNever();
        limits.Property(x => x.LimitarEmision).HasDefaultValue(false).ValueGeneratedNever();
        limits.Property(x => x.Revision).HasDefaultValue(0L).ValueGeneratedNever();
        limits.ToTable(t =>
        {
            t.HasCheckConstraint("tenant_limits_one_row_check", "id");
            t.HasCheckConstraint("tenant_limits_max_check", "max_usuarios >= 0 AND max_establecimientos >= 0 AND max_comprobantes >= 0");
        });
        limits.HasData(new { Id = true, LimitarEmision = false, Revision = 0L });
    }

    private static readonly string[] Severities = ["Grave", "No grave", "Sin clasificar"];

    private static readonly string[] Causalities = ["Definida", "Probable", "Posible", "Improbable", "Condicional", "Inclasificable"];

    private static string OneOf(string column, params string[] values) => $"{column} IN ({string.Join(", ", values.Select(v => $"'{v}'"))})";
}
