using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;

namespace Vigia.Core.Registry.Master;

/// <summary>
/// Limits what a person with access to chosen tenants can read. A context that is opened for such a person returns only
/// rows of those tenants, whatever the query. No other code does this.
/// </summary>
public static class VisibleTenants
{
    private static readonly MethodInfo FilterRows =
        typeof(VisibleTenants).GetMethod(nameof(FilterBy), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>Opens a context that sees only the rows that <paramref name="actor"/> may know of.</summary>
    public static async Task<MasterContext> OpenAsync(
        this IDbContextFactory<MasterContext> contexts, Actor actor, CancellationToken cancellationToken)
    {
        var db = await contexts.CreateDbContextAsync(cancellationToken);
        db.TenantScope = actor.TenantScope is { } scope ? [.. scope] : null;
        db.Condition = actor.Condition;
        return db;
    }

    /// <summary>
    /// The same, for several questions that follow one another at once: they share one session. Otherwise each of them
    /// takes a session of the pool, which is reset every time. Do not keep it while something else is waited for.
    /// </summary>
    internal static async Task<MasterContext> OpenSessionAsync(
        this IDbContextFactory<MasterContext> contexts, Actor actor, CancellationToken cancellationToken)
    {
        var db = await contexts.OpenAsync(actor, cancellationToken);
        try
        {
            await db.Database.OpenConnectionAsync(cancellationToken);
            return db;
        }
        catch
        {
            await db.DisposeAsync();
            throw;
        }
    }

    /// <summary>Adds the filter to every entity with <see cref="VisibleByTenantAttribute"/>.</summary>
    internal static void Filter(ModelBuilder builder, MasterContext db)
    {
        foreach (var type in builder.Model.GetEntityTypes().Select(entity => entity.ClrType).ToList())
        {
            if (type.GetCustomAttribute<VisibleByTenantAttribute>() is { } visible)
            {
                FilterRows.MakeGenericMethod(type).Invoke(null, [builder, db, visible.Property]);
            }
        }
    }

    private static void FilterBy<T>(ModelBuilder builder, MasterContext db, string property)
        where T : class
    {
        if (typeof(T).GetProperty(property)!.PropertyType == typeof(int))
        {
            builder.Entity<T>().HasQueryFilter(
                row => db.TenantScope == null || db.TenantScope.Contains(EF.Property<int>(row, property)));
        }
        else
        {
            builder.Entity<T>().HasQueryFilter(row => db.TenantScope == null
                || (EF.Property<int?>(row, property) != null
                    && db.TenantScope.Contains(EF.Property<int?>(row, property)!.Value)));
        }
    }
}

/// <summary>
/// Marks an entity whose rows belong to a tenant. A person with access to chosen tenants sees the rows of those
/// tenants, and none without a tenant.
/// </summary>
/// <param name="property">The property with the tenant's id.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class VisibleByTenantAttribute(string property) : Attribute
{
    public string Property { get; } = property;
}
