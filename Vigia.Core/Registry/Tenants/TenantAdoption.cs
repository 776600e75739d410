using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Tenants;

/// <summary>
/// The adoption of a database that the portal did not create. It stays as history. See docs/rules.md#adoption.
/// </summary>
[VisibleByTenant(nameof(TenantId))]
public sealed class TenantAdoption
{
    /// <summary>How long an adoption can be undone, unless a person confirms it before.</summary>
    public static readonly TimeSpan UndoTime = TimeSpan.FromDays(7);

    public Guid Id { get; init; } = Guid.CreateVersion7();

    public int TenantId { get; init; }

    /// <summary>The row in <c>portal.databases</c> that the adoption makes; part of the marker.</summary>
    public Guid DatabaseId { get; init; } = Guid.CreateVersion7();

    public required string DatabaseName { get; init; }

    /// <summary>The operation that works, or worked last, on it.</summary>
    public Guid OperationId { get; set; }

    /// <summary>Whether the tenant's row was made for the adoption, so that the undo removes it.</summary>
    public bool RegisteredHere { get; init; }

    /// <summary>
    /// The state of the database before the adoption, as JSON. Written once, at the first start: later the database
    /// alone does not show which objects belong to others.
    /// </summary>
    public required string Before { get; init; }

    /// <summary>
    /// The objects that the adoption makes in the database, as JSON; written before they are made. Null before that.
    /// Nothing else in the database is the adoption's.
    /// </summary>
    public string? Made { get; set; }

    /// <summary>Whether a person accepted that the product keeps the role that owns the database.</summary>
    public bool KeepsOwner { get; init; }

    /// <summary>The external backup that the person named when they signed.</summary>
    public required string BackupStatement { get; init; }

    public DateTimeOffset StartedAt { get; init; }

    /// <summary>When the tenant became ready; null before.</summary>
    public DateTimeOffset? AdoptedAt { get; set; }

    /// <summary>When the undo ends by itself.</summary>
    public DateTimeOffset? UndoUntil { get; set; }

    public DateTimeOffset? ConfirmedAt { get; set; }

    /// <summary>When the triggers of audit and limits were added to the tables that were there before.</summary>
    public DateTimeOffset? CompletedAt { get; set; }

    /// <summary>When the undo began. From then on the adoption can't be confirmed.</summary>
    public DateTimeOffset? UndoBegunAt { get; set; }

    /// <summary>The objects that the undo left in the database because they have content; null for none.</summary>
    public string? Kept { get; set; }

    /// <summary>When it was undone or cancelled.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>How far it is at a moment.</summary>
    public AdoptionStage StageAt(DateTimeOffset now) => Summary.StageAt(now);

    private AdoptionSummary Summary => AdoptionSummary.From(this);
}

/// <summary>How far the adoption of a tenant's database is.</summary>
public enum AdoptionStage
{
    /// <summary>The portal created the database, or has none.</summary>
    None,

    /// <summary>An operation has begun and is not over.</summary>
    Begun,

    /// <summary>It can still be undone.</summary>
    Adopted,

    /// <summary>A person confirmed it, or the time of the undo is over.</summary>
    Confirmed,

    /// <summary>Audit and limits hold for every table.</summary>
    Completed,

    /// <summary>It is being undone.</summary>
    Undoing,
}

internal static class Adoptions
{
    /// <summary>The adoption of a tenant's present database; null when the portal created it.</summary>
    public static Task<TenantAdoption?> FindAsync(
        MasterContext db, int tenantId, CancellationToken cancellationToken) =>
        db.Set<TenantAdoption>().SingleOrDefaultAsync(
            a => a.TenantId == tenantId && a.EndedAt == null, cancellationToken);

    /// <summary>The same without what the database was before, which is long.</summary>
    public static Task<AdoptionSummary?> FindSummaryAsync(
        MasterContext db, int tenantId, CancellationToken cancellationToken) =>
        db.Set<TenantAdoption>().Where(a => a.TenantId == tenantId && a.EndedAt == null)
            .Select(AdoptionSummary.Of).SingleOrDefaultAsync(cancellationToken);

    /// <summary>How far it is.</summary>
    public static async Task<AdoptionStage> StageAsync(
        MasterContext db, int tenantId, DateTimeOffset now, CancellationToken cancellationToken) =>
        (await FindSummaryAsync(db, tenantId, cancellationToken))?.StageAt(now) ?? AdoptionStage.None;
}

internal sealed class TenantAdoptionConfiguration : IEntityTypeConfiguration<TenantAdoption>
{
    public void Configure(EntityTypeBuilder<TenantAdoption> adoption)
    {
        adoption.ToTable("adoptions");
        adoption.Property(a => a.Before).HasColumnType("jsonb");
        adoption.Property(a => a.Made).HasColumnType("jsonb");
        adoption.HasIndex(a => a.TenantId).HasDatabaseName("ix_adoptions_tenant_id").IsUnique()
            .HasFilter("ended_at IS NULL");
        adoption.HasIndex(a => a.DatabaseId).HasDatabaseName("ix_adoptions_database_id");
    }
}
