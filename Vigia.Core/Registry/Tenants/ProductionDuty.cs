using Microsoft.EntityFrameworkCore;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;

namespace Vigia.Core.Registry.Tenants;

/// <summary>
/// Decides whether a tenant keeps the duties of production, because it was ever ready in production. Such a tenant
/// keeps them permanently, whatever <c>entorno</c> contains: seven days in the trash, a second person's approval, no
/// demonstration data. An unknown history counts as production.
/// </summary>
public static class ProductionDuty
{
    /// <summary>The shortest stay of a production tenant in the trash, in days. See docs/rules.md#retention.</summary>
    public const int LeastDays = 7;

    /// <summary>
    /// Whether the tenant keeps the duties of production. The answer is stored with the database
    /// (<c>portal.databases.ever_in_production</c>). A trigger sets it when a tenant in production becomes ready, or
    /// when a ready tenant is converted to production. The trash and a restore do not change it.
    /// </summary>
    public static async Task<bool> AppliesAsync(MasterContext db, Tenant tenant, CancellationToken cancellationToken)
    {
        var stored = await OwnDatabases.Of(db, tenant.Id)
            .Select(d => (bool?)d.EverInProduction).SingleOrDefaultAsync(cancellationToken);
        return Applies(tenant, stored);
    }

    /// <summary>
    /// Whether the tenant may be dropped at once: a demo that was never in production, or a tenant that was never
    /// ready.
    /// </summary>
    /// <param name="applies">The answer of <see cref="AppliesAsync"/>.</param>
    public static bool MayDropAtOnce(Tenant tenant, bool applies) =>
        !applies && (tenant.Environment == TenantEnvironments.Demo || WasNeverReady(tenant));

    /// <summary>Whether a tenant in the trash may be dropped before the retention is over.</summary>
    public static bool MayPurgeEarly(TrashedTenant trashed) => !trashed.EverInProduction
        && (trashed.Environment == TenantEnvironments.Demo
            || trashed.ReadStateBefore() is TenantState.Registered or TenantState.Failed);

    /// <summary>
    /// Whether the tenant has no database that anybody ever used. Until it has one, <c>entorno</c> can be changed like
    /// any other field.
    /// </summary>
    public static bool WasNeverReady(Tenant tenant) => WasNeverReady(tenant.State, tenant.SchemaVersion);

    /// <summary>The same for a tenant whose deletion has begun.</summary>
    /// <param name="state">The state before the deletion.</param>
    internal static bool WasNeverReady(TenantState state, int? schemaVersion) =>
        schemaVersion is null && state is TenantState.Registered or TenantState.Provisioning or TenantState.Failed;

    internal static bool Applies(Tenant tenant, bool? stored) => stored ?? !WasNeverReady(tenant);
}
