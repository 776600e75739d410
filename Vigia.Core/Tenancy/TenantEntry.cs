using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Tenancy;

/// <summary>
/// The facts that a request needs about a tenant. An entry never changes: a change of the tenant replaces it in the
/// <see cref="TenantCatalog"/>. It holds no password, and is small, because there may be 100,000 of them.
/// </summary>
public sealed class TenantEntry
{
    // DateTimeOffset? would take three times the memory.
    private readonly long _expiresAt = long.MaxValue;
    private readonly long _tokensValidAfter = long.MinValue;
    private readonly long _registeredAt = long.MinValue;
    private readonly long _readAt;

    /// <summary>The id in the registry. <see cref="LegacyTenant.Id"/> for the only tenant of an installation.</summary>
    public required int Id { get; init; }

    /// <summary>Whether it is the only tenant of an installation without a registry.</summary>
    public bool IsLegacy => Id == LegacyTenant.Id;

    public required string Subdomain { get; init; }

    /// <summary>The database of the tenant. Null when the registry names none.</summary>
    public required string? DatabaseName { get; init; }

    public int ServerId { get; init; }

    /// <summary>The id of the row of its database; empty when the portal made none for it.</summary>
    public Guid DatabaseId { get; init; }

    /// <summary>The credential that new sessions use. Empty when there is none.</summary>
    public Guid CredentialId { get; init; }

    public required TenantState State { get; init; }
    public required bool IsActive { get; init; }

    /// <summary>The condition of the database, as it was last observed.</summary>
    public DatabaseCondition Database { get; init; }

    /// <summary>The end of a demo. Null when it has none.</summary>
    public DateTimeOffset? ExpiresAt
    {
        get => _expiresAt == long.MaxValue ? null : new DateTimeOffset(_expiresAt, TimeSpan.Zero);
        init => _expiresAt = value?.UtcTicks ?? long.MaxValue;
    }

    /// <summary>Tokens that were issued before this moment are refused. Null when none are.</summary>
    public DateTimeOffset? TokensValidAfter
    {
        get => _tokensValidAfter == long.MinValue ? null : new DateTimeOffset(_tokensValidAfter, TimeSpan.Zero);
        init => _tokensValidAfter = value?.UtcTicks ?? long.MinValue;
    }

    /// <summary>
    /// When it was registered. Another tenant may have had its name before. Null when that is not known.
    /// </summary>
    public DateTimeOffset? RegisteredAt
    {
        get => _registeredAt == long.MinValue ? null : new DateTimeOffset(_registeredAt, TimeSpan.Zero);
        init => _registeredAt = value?.UtcTicks ?? long.MinValue;
    }

    /// <summary>When it was read from the registry.</summary>
    public DateTimeOffset ReadAt
    {
        get => new(_readAt, TimeSpan.Zero);
        init => _readAt = value.UtcTicks;
    }

    /// <summary>Why a request can't reach this tenant's database now. See docs/rules.md#tenant-resolution.</summary>
    public TenantRefusal RefusalNow(TimeProvider time) => State switch
    {
        TenantState.Registered or TenantState.Provisioning or TenantState.Failed => TenantRefusal.NotReady,
        TenantState.Deleting => TenantRefusal.Inactive,
        _ when !IsActive || IsOver(time) => TenantRefusal.Inactive,
        TenantState.Unmanaged => TenantRefusal.NotReady,
        _ => Database switch
        {
            DatabaseCondition.Missing => TenantRefusal.DatabaseMissing,
            DatabaseCondition.Unreachable => TenantRefusal.DatabaseUnreachable,
            _ => TenantRefusal.None,
        },
    };

    public override string ToString() => Subdomain;

    // Most tenants have no end, and need no clock.
    private bool IsOver(TimeProvider time) =>
        _expiresAt < long.MaxValue && time.GetUtcNow().UtcTicks >= _expiresAt;
}
