using Microsoft.EntityFrameworkCore;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.TenantSide;

/// <summary>A tenant as its own users see it.</summary>
public sealed record TenantSelf
{
    public required string? LegalName { get; init; }
    public required string Subdomain { get; init; }
    public required string? Plan { get; init; }
    public required string? Environment { get; init; }

    /// <summary>The end of a demo. Null when there is none.</summary>
    public required DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The limits in force in its database.</summary>
    public required TenantLimits Limits { get; init; }

    public required int Users { get; init; }
    public required int Establishments { get; init; }

    /// <summary>Documents issued in this month of Lima.</summary>
    public required int Documents { get; init; }
}

/// <summary>Shows a tenant's users the name, the plan, the limits and the usage of their tenant.</summary>
public sealed class TenantOverview(
    TenantUserSessions sessions, IDbContextFactory<MasterContext> contexts)
{
    /// <exception cref="NotSignedInException">The user may not sign in any more.</exception>
    public async Task<TenantSelf> ReadAsync(TenantCaller caller, CancellationToken cancellationToken)
    {
        // First, so that no session of the tenant waits for the master.
        var row = await ReadRowAsync(caller.Tenant.Id, cancellationToken);
        await using var session = await sessions.OpenAsync(caller, cancellationToken);
        var limits = await session.Db.Limits.AsNoTracking().SingleAsync(cancellationToken);
        var used = await session.Db.Usage.FromSql($"""
            SELECT * FROM public.tenant_usage WHERE periodo = '-infinity' OR periodo = public.lima_month(now())
            """).AsNoTracking().ToDictionaryAsync(u => u.Limite, u => u.Usado, cancellationToken);
        return new TenantSelf
        {
            LegalName = row?.LegalName, Subdomain = caller.Tenant.Subdomain, Plan = row?.Plan,
            Environment = row?.Environment, ExpiresAt = row?.ExpiresAt, Limits = limits,
            Users = used.GetValueOrDefault("max_usuarios"),
            Establishments = used.GetValueOrDefault("max_establecimientos"),
            Documents = used.GetValueOrDefault("max_comprobantes"),
        };
    }

    private async Task<MasterRow?> ReadRowAsync(int tenantId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Set<Tenant>().AsNoTracking().Where(t => t.Id == tenantId)
            .Select(t => new MasterRow(t.LegalName, t.Plan, t.Environment, t.ExpiresAt))
            .SingleOrDefaultAsync(cancellationToken);
    }

    private sealed record MasterRow(string? LegalName, string? Plan, string? Environment, DateTimeOffset? ExpiresAt);
}
