using Vigia.Core.Staff.ServiceAccounts;

namespace Vigia.Portal.Api;

/// <summary>A new service account with its first token.</summary>
internal sealed record NewServiceAccount
{
    public string? Name { get; init; }
    public string? Purpose { get; init; }
    public IReadOnlyList<Guid>? OwnerIds { get; init; }
    public IReadOnlyList<string?>? Rights { get; init; }
    public IReadOnlyList<string?>? Networks { get; init; }
    public IReadOnlyList<int>? TenantIds { get; init; }
    public DateOnly? EndsOn { get; init; }
    public DateOnly? TokenEndsOn { get; init; }
    public string? Password { get; init; }

    public ServiceAccountContent ToContent() => new(
        Name, Purpose, OwnerIds ?? [], Texts(Rights), Texts(Networks), TenantIds, EndsOn);

    /// <summary>The texts of a body, in which any element may be null.</summary>
    public static string[] Texts(IReadOnlyList<string?>? given) => [.. (given ?? []).Select(text => text ?? "")];

    /// <summary>Contains no values, because one of them is a password.</summary>
    public override string ToString() => nameof(NewServiceAccount);
}

/// <summary>Changes of a service account.</summary>
internal sealed record ServiceAccountChanges
{
    public string? Purpose { get; init; }
    public IReadOnlyList<Guid>? OwnerIds { get; init; }
    public IReadOnlyList<string?>? Rights { get; init; }
    public IReadOnlyList<string?>? Networks { get; init; }
    public IReadOnlyList<int>? TenantIds { get; init; }
    public DateOnly? EndsOn { get; init; }

    /// <summary>The version from which the change was made; null for the present one.</summary>
    public string? Version { get; init; }

    /// <summary>Issues another token, whose last day this is.</summary>
    public DateOnly? TokenEndsOn { get; init; }

    /// <summary>Revokes this token.</summary>
    public Guid? RevokeTokenId { get; init; }

    /// <summary>Ends the account for good.</summary>
    public bool? End { get; init; }
    public string? Password { get; init; }

    /// <summary>Contains no values, because one of them is a password.</summary>
    public override string ToString() => nameof(ServiceAccountChanges);
}

/// <summary>A token of a service account.</summary>
internal sealed record ServiceTokenAnswer(
    Guid Id, string Prefix, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? LastUsedAt,
    string? LastUsedAddress, DateTimeOffset? RefusedAt, string? RefusedAddress, DateTimeOffset? RevokedAt)
{
    public static ServiceTokenAnswer Of(ServiceTokenView token) => new(
        token.Id, token.Prefix, token.CreatedAt, token.ExpiresAt, token.LastUsedAt, token.LastUsedAddress,
        token.RefusedAt, token.RefusedAddress, token.RevokedAt);
}

/// <summary>An owner of a service account.</summary>
internal sealed record ServiceOwnerAnswer(Guid Id, string FullName, bool HasLeft);

/// <summary>A service account.</summary>
internal sealed record ServiceAccountAnswer(
    Guid Id, string Version, string Name, string Purpose, string State, IReadOnlyList<ServiceOwnerAnswer> Owners,
    IReadOnlyList<string> Rights, IReadOnlyList<string> Networks, IReadOnlyList<int>? TenantIds, DateTimeOffset EndsAt,
    DateTimeOffset CreatedAt, DateTimeOffset? EndedAt, IReadOnlyList<ServiceTokenAnswer> Tokens)
{
    public static ServiceAccountAnswer Of(ServiceAccountView account, DateTimeOffset now) => new(
        account.Id, account.Version, account.Name, account.Purpose, Cliente.Code(account.StateAt(now)),
        [.. account.Owners.Select(owner => new ServiceOwnerAnswer(owner.Id, owner.FullName, owner.HasLeft))],
        account.Rights, account.Networks, account.TenantIds, account.EndsAt, account.CreatedAt, account.EndedAt,
        [.. account.Tokens.Select(ServiceTokenAnswer.Of)]);
}

/// <summary>A service account, and the token that the call made. The token is shown only here.</summary>
internal sealed record ServiceAccountResultAnswer(ServiceAccountAnswer Account, string? Token)
{
    public static ServiceAccountResultAnswer Of(ServiceAccountView account, string? token, TimeProvider time) =>
        new(ServiceAccountAnswer.Of(account, time.GetUtcNow()), token);

    /// <summary>Without the token.</summary>
    public override string ToString() => nameof(ServiceAccountResultAnswer);
}
