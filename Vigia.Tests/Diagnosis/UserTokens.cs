using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Vigia.Tests.Diagnosis;

/// <summary>Makes tokens of tenants' users as the product makes them.</summary>
internal static class UserTokens
{
    public static string Make(
        string secret, string? tenant, DateTimeOffset? ends, DateTimeOffset? issued = null, string algorithm = "HS256",
        int? user = 7, DateTimeOffset? notBefore = null)
    {
        var claims = new Dictionary<string, object?>
        {
            ["sub"] = $"{user ?? 7}", ["username"] = "rosa", ["role"] = "admin",
        };
        Add("uid", user);
        Add("nbf", notBefore?.ToUnixTimeSeconds());
        Add("tenant", tenant);
        Add("exp", ends?.ToUnixTimeSeconds());
        Add("iat", issued?.ToUnixTimeSeconds());
        var signed = $"{Part(new { alg = algorithm, typ = "JWT" })}.{Part(claims)}";
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(signed));
        return $"{signed}.{Base64Url.EncodeToString(signature)}";

        void Add(string name, object? value)
        {
            if (value is not null)
            {
                claims[name] = value;
            }
        }
    }

    private static string Part(object json) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(json));
}
