using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.SignIn;

/// <summary>
/// The challenges for passkeys. Identity keeps a challenge in a cookie only, so a copied cookie and answer would work
/// again. Here each challenge is the portal's own and is used once, at any instance.
/// </summary>
public sealed class PasskeyChallenges(IDbContextFactory<MasterContext> contexts, TimeProvider time)
{
    /// <summary>How long a browser may take to answer.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <summary>Remembers the challenge of these options for a browser.</summary>
    /// <returns>The options, unchanged.</returns>
    public async Task<string> IssueAsync(string options, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.Set<PasskeyChallenge>().Where(c => c.ExpiresAt <= now).ExecuteDeleteAsync(cancellationToken);
        db.Add(new PasskeyChallenge
        {
            Hash = Hash(JsonNode.Parse(options)!["challenge"]!.GetValue<string>()), ExpiresAt = now + Lifetime,
        });
        await db.SaveChangesAsync(cancellationToken);
        return options;
    }

    /// <summary>
    /// Uses up the challenge that a browser's answer repeats. Whether the answer is right is checked afterwards.
    /// </summary>
    /// <returns>False when the portal did not give it, or it is used or too old.</returns>
    public async Task<bool> RedeemAsync(string credential, CancellationToken cancellationToken)
    {
        if (ChallengeOf(credential) is not { } challenge)
        {
            return false;
        }

        var (hash, now) = (Hash(challenge), time.GetUtcNow());
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Set<PasskeyChallenge>().Where(c => c.Hash == hash && c.ExpiresAt > now)
            .ExecuteDeleteAsync(cancellationToken) == 1;
    }

    // The data that the device signed (W3C Web Authentication, 5.8.1). An object that has a name twice is an
    // ArgumentException.
    private static string? ChallengeOf(string credential)
    {
        try
        {
            var data = JsonNode.Parse(credential)?["response"]?["clientDataJSON"]?.GetValue<string>();
            return data is null ? null
                : JsonNode.Parse(Base64Url.DecodeFromChars(data))?["challenge"]?.GetValue<string>();
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException
            or ArgumentException)
        {
            return null;
        }
    }

    private static byte[] Hash(string challenge) => SHA256.HashData(Encoding.UTF8.GetBytes(challenge.TrimEnd('=')));
}
