using Microsoft.EntityFrameworkCore;
using Vigia.Core.Staff;

namespace Vigia.Core.Master;

/// <summary>
/// The one place where a person who may know of chosen clients only is held to them: a context opened for them sees the rows of those clients
/// and no others, whatever the query.
/// </summary>
public static class VisibleTenants
{
    /// <summary>A context that sees what <paramref name="actor"/> may know of.</summary>
    public static async Task<MasterContext> OpenAsync(this IDbContextFactory<MasterContext> contexts, Actor actor, CancellationToken cancellationToken)
    {
        var db = await contexts.CreateDbContextAsync(cancellationToken);
        db.TenantScope = actor.TenantScope is { } scope ? [.. scope] : null;
        return db;
    }

    internal static void Filter(ModelBuilder builder, MasterContext db)
    {
        builder.Entity<Tenants.Tenant>().HasQueryFilter(t => db.TenantScope == null || db.TenantScope.Contains(t.Id));
        builder.Entity<Deletion.TrashedTenant>().HasQueryFilter(t => db.TenantScope == null || db.TenantScope.Contains(t.Id));
        builder.Entity<Operations.Operation>().HasQueryFilter(o => db.TenantScope == null || (o.TenantId != null && db.TenantScope.Contains(o.TenantId.Value)));
        builder.Entity<Operations.OperationItem>().HasQueryFilter(i => db.TenantScope == null || db.TenantScope.Contains(i.TenantId));
        builder.Entity<Audit.AuditEvent>().HasQueryFilter(e => db.TenantScope == null || (e.TenantId != null && db.TenantScope.Contains(e.TenantId.Value)));
        builder.Entity<Provisioning.TenantInvitation>().HasQueryFilter(i => db.TenantScope == null || db.TenantScope.Contains(i.TenantId));
        builder.Entity<Approvals.Approval>().HasQueryFilter(a => db.TenantScope == null || db.TenantScope.Contains(a.TenantId));
        builder.Entity<Isolation.IsolationProof>().HasQueryFilter(p => db.TenantScope == null || db.TenantScope.Contains(p.TenantId));
        builder.Entity<Mail.OutboxMessage>().HasQueryFilter(m => db.TenantScope == null || (m.TenantId != null && db.TenantScope.Contains(m.TenantId.Value)));
    }
}
