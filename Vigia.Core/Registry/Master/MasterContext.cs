using System.Data;
using System.Linq.Expressions;
using System.Reflection;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;
using Microsoft.EntityFrameworkCore.Storage;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.Registry.Master;

/// <summary>
/// The master database: the registry <c>public.clientes_saas</c>, and all other tables of the portal in the schema
/// <c>portal</c>. It declares no entities except those of Identity. Each feature adds its entities with an
/// <see cref="IEntityTypeConfiguration{TEntity}"/>, which is found in the assembly, and uses <c>Set&lt;T&gt;()</c>.
/// </summary>
public sealed class MasterContext(DbContextOptions<MasterContext> options)
    : IdentityDbContext<StaffMember, IdentityRole<Guid>, Guid>(options)
{
    public const string Schema = "portal";

    /// <summary>The collation that sorts names as in Peru: Álamo before Zeta, Ñandú after Nube.</summary>
    public const string Collation = "es-PE-x-icu";

    /// <summary>
    /// The only tenants whose rows this context sees. Null for all. See <see cref="VisibleTenants"/>.
    /// </summary>
    internal int[]? TenantScope { get; set; }

    /// <summary>The version that a row has to have when it is locked. Null for any.</summary>
    internal TenantCondition? Condition { get; set; }

    /// <summary>
    /// The folded text that searches match (lower case, no accents, ñ as n). For tenants it is stored.
    /// </summary>
    public static string SearchText(string? ruc, string? legalName, string? subdomain, string? accessEmail) =>
        throw new InvalidOperationException("Usable only in queries.");

    /// <summary>Converts text to lower case without accents, with ñ as n.</summary>
    public static string Fold(string text) => throw new InvalidOperationException("Usable only in queries.");

    /// <summary>The text of a <c>jsonb</c> column.</summary>
    internal static string JsonText(string? json) => throw new InvalidOperationException("Usable only in queries.");

    /// <summary>A member of a <c>jsonb</c> column as text. Null when there is none.</summary>
    internal static string? JsonMember(string json, string name) =>
        throw new InvalidOperationException("Usable only in queries.");

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        var enumerations = typeof(MasterContext).Assembly.GetTypes()
            .Where(type => type.IsDefined(typeof(StoredInLowerCaseAttribute), inherit: false));
        foreach (var type in enumerations)
        {
            configurationBuilder.Properties(type).HaveConversion(typeof(LowerCaseConverter<>).MakeGenericType(type));
        }

        configurationBuilder.Properties<OperationKind>().HaveConversion<OperationKindConverter>();
        configurationBuilder.Properties<Message>().HaveConversion<MessageConverter>().HaveColumnType("jsonb");
    }

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.HasDefaultSchema(Schema);
        builder.ApplyConfigurationsFromAssembly(typeof(MasterContext).Assembly, IsOfMaster);
        builder.HasDbFunction(typeof(MasterContext).GetMethod(nameof(SearchText))!).HasSchema(Schema)
            .HasName("search_text");
        builder.HasDbFunction(typeof(MasterContext).GetMethod(nameof(Fold))!).HasSchema(Schema).HasName("fold");
        builder.HasDbFunction(
            typeof(MasterContext).GetMethod(nameof(JsonText), BindingFlags.Static | BindingFlags.NonPublic)!)
            .HasTranslation(arguments => new SqlUnaryExpression(
                ExpressionType.Convert, arguments[0], typeof(string),
                new StringTypeMapping("text", DbType.String)));
        var member = builder.HasDbFunction(
            typeof(MasterContext).GetMethod(nameof(JsonMember), BindingFlags.Static | BindingFlags.NonPublic)!)
            .HasName("jsonb_extract_path_text").IsBuiltIn();
        member.HasParameter("json").HasStoreType("jsonb");
        StaffTables.Rename(builder);
        builder.Entity<DataProtectionKey>().ToTable("data_protection_keys");
        VisibleTenants.Filter(builder, this);
    }

    // Configurations of the tenant database belong to its own context.
    private static bool IsOfMaster(Type configuration) =>
        configuration.Namespace?.StartsWith(typeof(TenantContext).Namespace!, StringComparison.Ordinal) != true;
}
