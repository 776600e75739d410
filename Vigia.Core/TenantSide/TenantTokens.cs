using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Tenancy;

namespace Vigia.Core.TenantSide;

/// <summary>
/// Issues and reads the tokens of tenants' users. The product's back end issues and reads the same ones, because both
/// hold SECRET_KEY. See docs/rules.md#tenant-tokens.
/// </summary>
public sealed class TenantTokens(VigiaSettings settings, TimeProvider time)
{
    /// <summary>The longest token. That of a user with all roles and the longest names has a tenth of it.</summary>
    public const int LongestToken = 8 * 1024;

    // Longer than the difference of two synchronised clocks.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    // A token that claims to be of the future would outlive the next suspension. One without iat claims that if the
    // program that issued it has a longer lifetime.
    private static readonly TimeSpan LargestLead = TimeSpan.FromSeconds(60);

    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };
    private readonly SigningCredentials _signing = new(KeyOf(settings.SecretKey), SecurityAlgorithms.HmacSha256);

    // Only the algorithm that the product uses: a token must not choose how it is checked.
    private readonly TokenValidationParameters _parameters = new()
    {
        ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
        IssuerSigningKeys = settings.SecretKeyPrevious is { } previous
            ? [KeyOf(settings.SecretKey), KeyOf(previous)] : [KeyOf(settings.SecretKey)],
        TryAllIssuerSigningKeys = true,
        RequireSignedTokens = true,
        RequireExpirationTime = true,
        ValidateIssuer = false,
        ValidateAudience = false,
        LifetimeValidator = (notBefore, expires, _, _) => time.GetUtcNow().UtcDateTime is var now
            && expires > now && !(notBefore > now),
    };

    /// <summary>Issues a token for a user who has just signed in.</summary>
    /// <param name="tenant">The user's tenant.</param>
    /// <param name="user">The user.</param>
    /// <param name="traceId">The id of the request's trace.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<string> IssueAsync(
        TenantEntry tenant, TenantAccount user, string? traceId, CancellationToken cancellationToken)
    {
        var issuedAt = await IssueTimeAsync(tenant, cancellationToken);
        return _handler.CreateToken(JsonSerializer.Serialize(new Dictionary<string, object?>
        {
            ["sub"] = $"{user.Id}",
            ["uid"] = user.Id,
            ["username"] = user.Username,
            ["email"] = user.Email,
            ["role"] = user.Role,
            ["roles"] = user.Roles,
            ["tenant"] = tenant.Subdomain,
            ["trace"] = traceId,
            ["iat"] = issuedAt,
            ["exp"] = issuedAt + (long)settings.AccessTokenLifetime.TotalSeconds,
        }), _signing);
    }

    /// <summary>Reads a token. Null when it is none of ours, was changed, or has ended.</summary>
    public async Task<TenantClaims?> ReadAsync(string? token)
    {
        if (token is null || token.Length > LongestToken)
        {
            return null;
        }

        var result = await _handler.ValidateTokenAsync(token, _parameters);
        return result is { IsValid: true, SecurityToken: JsonWebToken jwt } ? ClaimsOf(jwt) : null;
    }

    /// <summary>
    /// Whether the tenant accepts the token: it was not issued before the tenant was last made inactive, deleted or
    /// registered.
    /// </summary>
    public static bool AreAccepted(TenantClaims claims, TenantEntry tenant) =>
        !(claims.IssuedAt < tenant.TokensValidAfter);

    // iat has whole seconds. If older tokens ended in this second, a new token would count as one of them. So it is
    // issued in the next second.
    private async Task<long> IssueTimeAsync(TenantEntry tenant, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var second = now.ToUnixTimeSeconds();
        if (tenant.TokensValidAfter is not { } after || after - now > LongestWait
            || DateTimeOffset.FromUnixTimeSeconds(second) >= after)
        {
            return second;
        }

        var next = DateTimeOffset.FromUnixTimeSeconds(after.ToUnixTimeSeconds() + 1);
        await Task.Delay(next - now, time, cancellationToken);
        return Math.Max(next.ToUnixTimeSeconds(), time.GetUtcNow().ToUnixTimeSeconds());
    }

    private TenantClaims? ClaimsOf(JsonWebToken jwt)
    {
        using var payload = JsonDocument.Parse(Base64UrlEncoder.Decode(jwt.EncodedPayload));
        var claims = payload.RootElement;
        if (Number("uid") is not { } user || user is < 1 or > int.MaxValue || jwt.Subject != $"{user}"
            || !claims.TryGetProperty("tenant", out var tenant) || tenant.ValueKind != JsonValueKind.String
            || (Number("iat") ?? Number("exp") - (long)settings.AccessTokenLifetime.TotalSeconds) is not { } issued
            || issued < 0 || issued > (time.GetUtcNow() + LargestLead).ToUnixTimeSeconds())
        {
            return null;
        }

        return new TenantClaims((int)user, tenant.GetString()!, DateTimeOffset.FromUnixTimeSeconds(issued));

        long? Number(string name) => claims.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number)
            && Math.Abs(number) < long.MaxValue ? (long)Math.Floor(number) : null;
    }

    private static SymmetricSecurityKey KeyOf(string secret) => new(Encoding.UTF8.GetBytes(secret));
}
