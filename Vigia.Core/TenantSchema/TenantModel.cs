using System.ComponentModel.DataAnnotations.Schema;
using System.Reflection;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Vigia.Core.TenantSchema;

/// <summary>
/// Builds the model from the attributes of every class in this namespace that has a table. Columns are named like the
/// property, in snake_case. <c>Sql/</c> contains what a model can't express: triggers, rights, unique indexes on
/// lower(...).
/// </summary>
internal static class TenantModel
{
    /// <summary>The entity classes, ordered by table name.</summary>
    public static IReadOnlyList<Type> Types { get; } =
    [
        .. typeof(TenantModel).Assembly.GetTypes()
            .Where(t => t.Namespace == typeof(TenantModel).Namespace && t.IsDefined(typeof(TableAttribute), false))
            .OrderBy(TableOf, StringComparer.Ordinal),
    ];

    public static string TableOf(Type type) => type.GetCustomAttribute<TableAttribute>()!.Name;

    public static void Configure(ModelBuilder model)
    {
        foreach (var type in Types)
        {
            Configure(model.Entity(type), type);
        }

        model.Entity<UserRole>().HasKey(x => new { x.UserId, x.RoleId });
        model.Entity<TenantUsage>().HasKey(x => new { x.Limite, x.Periodo });
        model.Entity<Role>(role =>
        {
            role.Property(x => x.Id).ValueGeneratedNever();
            role.HasData(TenantRoles.All);
        });
        model.Entity<TenantLimits>().HasData(new { Id = true, LimitarEmision = false, Revision = 0L });

        // Identity ALWAYS: the database alone assigns the number, so that it gives the order of the records.
        model.Entity<AuditLogEntry>().Property(x => x.Id).UseIdentityAlwaysColumn();
    }

    private static void Configure(EntityTypeBuilder entity, Type type)
    {
        var table = TableOf(type);
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            Configure(entity, table, property);
        }

        foreach (var check in type.GetCustomAttributes<CheckAttribute>())
        {
            entity.ToTable(t => t.HasCheckConstraint($"{table}_{check.Name}_check", check.Sql));
        }

        foreach (var lookup in type.GetCustomAttributes<LookupAttribute>())
        {
            var columns = string.Join('_', lookup.Properties.Select(Column));
            entity.HasIndex([.. lookup.Properties]).IsUnique(lookup.IsUnique)
                .HasDatabaseName($"{table}_{columns}_{(lookup.IsUnique ? "key" : "idx")}");
        }
    }

    private static void Configure(EntityTypeBuilder entity, string table, PropertyInfo property)
    {
        var column = entity.Property(property.Name).HasColumnName(Column(property.Name));
        if (property.GetCustomAttribute<DefaultSqlAttribute>() is { } value)
        {
            column.HasDefaultValueSql(value.Sql);
            if (!value.Sql.Contains("now()", StringComparison.Ordinal))
            {
                // The class has the same default, so EF always writes the property's value.
                column.ValueGeneratedNever();
            }
        }

        if (property.GetCustomAttribute<OneOfAttribute>() is { } one)
        {
            entity.ToTable(t => t.HasCheckConstraint(
                $"{table}_{Column(property.Name)}_check",
                $"{Column(property.Name)} IN ({string.Join(", ", one.Values.Select(v => $"'{v}'"))})"));
        }

        if (property.GetCustomAttribute<ReferencesAttribute>() is { } reference)
        {
            entity.HasOne(reference.Entity).WithMany().HasForeignKey(property.Name).OnDelete(reference.OnDelete);
        }
    }

    private static string Column(string property) => JsonNamingPolicy.SnakeCaseLower.ConvertName(property);
}
