using System.Security.Cryptography;
using System.Text.Json;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Staff.Signatures;

namespace Vigia.Core.Staff.ServiceAccounts;

/// <summary>A service account as a person wants it.</summary>
/// <param name="Name">Its name; ignored when an account is changed.</param>
/// <param name="Purpose">The purpose for which the program uses it.</param>
/// <param name="OwnerIds">Exactly two members of staff.</param>
/// <param name="Rights">Some of <see cref="ServiceRights.All"/>.</param>
/// <param name="Networks">The networks from which it may call (<see cref="SourceNetworks"/>).</param>
/// <param name="TenantIds">The only tenants that it may know of; null for all.</param>
/// <param name="EndsOn">The last day in Lima on which it works; at most a year away.</param>
public sealed record ServiceAccountContent(
    string? Name, string? Purpose, IReadOnlyCollection<Guid> OwnerIds, IReadOnlyCollection<string> Rights,
    IReadOnlyCollection<string> Networks, IReadOnlyCollection<int>? TenantIds, DateOnly? EndsOn)
{
    /// <summary>
    /// The content in its canonical form, which is signed and stored. An invalid network is left unchanged.
    /// </summary>
    internal ServiceAccountContent Canonical() => this with
    {
        Name = SafeText.Clean(Name),
        Purpose = SafeText.Clean(Purpose),
        OwnerIds = [.. OwnerIds.Distinct().Order()],
        Rights = [.. ServiceRights.All.Where(Rights.Contains), .. Rights.Except(ServiceRights.All).Distinct()],
        Networks = [.. Networks.Where(n => !string.IsNullOrWhiteSpace(n))
            .Select(n => SourceNetworks.Read(n) ?? n.Trim()).Distinct().Order(StringComparer.Ordinal)],
        TenantIds = TenantIds is null ? null : [.. TenantIds.Distinct().Order()],
    };

    /// <summary>The content of an account.</summary>
    internal static ServiceAccountContent Of(ServiceAccount account) => new ServiceAccountContent(
        account.Name, account.Purpose, [account.FirstOwnerId, account.SecondOwnerId], account.Rights,
        account.Networks, account.TenantIds, LimaTime.DayOf(account.EndsAt)).Canonical();

    /// <summary>See <see cref="ServiceAccountView.Version"/>. It must be canonical.</summary>
    internal string Version() => Convert.ToHexStringLower(
        SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this)).AsSpan(0, 16));

    /// <summary>The values as the audit trail stores them.</summary>
    internal Dictionary<string, object?> Recorded(DateTimeOffset endsAt) => new()
    {
        ["purpose"] = Purpose, ["owner_ids"] = OwnerIds, ["rights"] = Rights, ["networks"] = Networks,
        ["tenant_ids"] = TenantIds, ["ends_at"] = endsAt,
    };
}

/// <summary>The signed actions on service accounts. Each is bound to the account and to the content.</summary>
public static class ServiceAccountSigned
{
    /// <summary>The account and the last day of its first token.</summary>
    public static SignedAction Create(ServiceAccountContent wanted, DateOnly? tokenEndsOn) =>
        SignedAction.Of(
            SignedAction.ServiceAccountCreate, "", new { Account = Text(wanted), TokenEndsOn = tokenEndsOn });

    /// <summary>The new content, and the <see cref="ServiceAccountView.Version"/> that the person saw.</summary>
    public static SignedAction Change(Guid id, ServiceAccountContent wanted, string version) =>
        SignedAction.Of(
            SignedAction.ServiceAccountChange, $"{id:N}",
            new { Account = Text(wanted with { Name = null }), Version = version });

    public static SignedAction Token(Guid id, DateOnly? endsOn) =>
        SignedAction.Of(SignedAction.ServiceAccountToken, $"{id:N}", new { EndsOn = endsOn });

    private static object Text(ServiceAccountContent wanted)
    {
        var one = wanted.Canonical();
        return new
        {
            one.Name, one.Purpose, one.OwnerIds, one.Rights, one.Networks, one.TenantIds, one.EndsOn,
        };
    }
}

/// <summary>A token that was made; it can't be shown again.</summary>
public sealed record IssuedServiceToken(Guid AccountId, string Name, string Token, Guid Id, DateTimeOffset ExpiresAt)
{
    /// <summary>
    /// The account as the same transaction left it. A later read may fail, and the token would be lost then.
    /// </summary>
    public required ServiceAccountView Account { get; init; }

    /// <summary>Without the token.</summary>
    public override string ToString() => $"{Name} {Id}";
}

/// <summary>A token as people see it.</summary>
public sealed record ServiceTokenView(
    Guid Id, string Prefix, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? LastUsedAt,
    string? LastUsedAddress, DateTimeOffset? RefusedAt, string? RefusedAddress, DateTimeOffset? RevokedAt)
{
    public bool WorksAt(DateTimeOffset now) => RevokedAt is null && ExpiresAt > now;
}

/// <summary>An owner as people see them.</summary>
/// <param name="HasLeft">Whether the owner was disabled, or their access has ended.</param>
public sealed record ServiceOwner(Guid Id, string FullName, string Email, bool HasLeft);

/// <summary>Why a service account does or does not work.</summary>
public enum ServiceAccountState
{
    Works,

    /// <summary>Both owners have left.</summary>
    OwnersLeft,

    /// <summary>Its last day has passed.</summary>
    Expired,

    /// <summary>A person ended it.</summary>
    Ended,
}

/// <summary>A service account as people see it.</summary>
public sealed record ServiceAccountView(
    Guid Id, string Name, string Purpose, IReadOnlyList<ServiceOwner> Owners, IReadOnlyList<string> Rights,
    IReadOnlyList<string> Networks, IReadOnlyList<int>? TenantIds, DateTimeOffset EndsAt, DateTimeOffset CreatedAt,
    DateTimeOffset? EndedAt, IReadOnlyList<ServiceTokenView> Tokens)
{
    /// <summary>
    /// Changes with the content. A change says which version it was made from, so that it does not undo another
    /// person's.
    /// </summary>
    public required string Version { get; init; }

    /// <summary>When one of its tokens was used last; null for never.</summary>
    public DateTimeOffset? LastUsedAt => Tokens.Max(t => t.LastUsedAt);

    public ServiceAccountState StateAt(DateTimeOffset now) => this switch
    {
        { EndedAt: not null } => ServiceAccountState.Ended,
        _ when EndsAt <= now => ServiceAccountState.Expired,
        _ when Owners.All(owner => owner.HasLeft) => ServiceAccountState.OwnersLeft,
        _ => ServiceAccountState.Works,
    };
}
