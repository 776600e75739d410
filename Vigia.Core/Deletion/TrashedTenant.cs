namespace Vigia.Core.Deletion;

/// <summary>A client in the trash: its row has left <c>clientes_saas</c>, so that RUC and sub-domain are free again (facts 7.20).</summary>
public sealed class TrashedTenant
{
    /// <summary>The id it had, and gets back when restored.</summary>
    public int Id { get; init; }
    public required string Ruc { get; init; }
    public required string LegalName { get; init; }
    public required string Subdomain { get; init; }
    public string? Plan { get; init; }
    public string? Environment { get; init; }
    public bool WasActive { get; init; }

    /// <summary>The whole registry row as JSON, column names as keys; undo puts back exactly this.</summary>
    public required string Row { get; init; }
    public Guid? DatabaseId { get; init; }
    public string? DatabaseName { get; init; }

    /// <summary>Bytes of the database when it was trashed.</summary>
    public long? SizeBytes { get; init; }
    public Guid? DeletedBy { get; init; }
    public required string DeletedByName { get; init; }
    public required string Reason { get; init; }
    public DateTimeOffset DeletedAt { get; init; }

    /// <summary>From this moment on the purge may drop the database.</summary>
    public DateTimeOffset PurgeAfter { get; init; }
}
