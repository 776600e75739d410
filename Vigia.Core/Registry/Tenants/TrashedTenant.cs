using System.Text.Json;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Tenants;

/// <summary>
/// A tenant in the trash. Its row is no longer in <c>clientes_saas</c>, so that its RUC and sub-domain are free again.
/// </summary>
[VisibleByTenant(nameof(Id))]
public sealed class TrashedTenant
{
    /// <summary>The id in the registry, which the tenant gets back when it is restored.</summary>
    public int Id { get; init; }
    public required string Ruc { get; init; }
    public required string LegalName { get; init; }
    public required string Subdomain { get; init; }
    public string? Plan { get; init; }
    public string? Environment { get; init; }
    public bool WasActive { get; init; }

    /// <summary>The whole registry row as JSON, with column names as keys. A restore writes exactly this row.</summary>
    public required string Row { get; init; }
    public int ServerId { get; init; }
    public Guid? DatabaseId { get; init; }

    /// <summary>The value of its database. True when it is unknown. See <see cref="ProductionDuty"/>.</summary>
    public bool EverInProduction { get; init; } = true;
    public string? DatabaseName { get; init; }

    /// <summary>The size of the database in bytes when it was moved to the trash.</summary>
    public long? SizeBytes { get; init; }
    public Guid? DeletedBy { get; init; }
    public required string DeletedByName { get; init; }
    public required string Reason { get; init; }
    public DateTimeOffset DeletedAt { get; init; }

    /// <summary>The moment from which a purge may drop the database.</summary>
    public DateTimeOffset PurgeAfter { get; init; }

    /// <summary>
    /// The operation that moved it to the trash. It distinguishes this stay in the trash from an earlier one.
    /// </summary>
    public Guid DeleteOperationId { get; init; }

    /// <summary>
    /// The restore that has reserved this tenant. Null when none has begun. Nothing is dropped in the meantime.
    /// </summary>
    public Guid? RestoreOperationId { get; set; }

    /// <summary>When the drop of its database and roles began. After that it can't be restored.</summary>
    public DateTimeOffset? DropBegunAt { get; set; }

    /// <summary>The state that the tenant had before its deletion, from <see cref="Row"/>.</summary>
    internal TenantState ReadStateBefore()
    {
        using var json = JsonDocument.Parse(Row, StorableJson.AnyDepth);
        return ReadState(json.RootElement);
    }

    /// <param name="row">A saved registry row.</param>
    internal static TenantState ReadState(JsonElement row) =>
        Enum.Parse<TenantState>(row.GetProperty("state").GetString()!, ignoreCase: true);
}
