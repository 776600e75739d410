using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Tokens;

namespace Vigia.Tests.Api;

/// <summary>
/// <c>Authorization</c> headers that give no access: missing, garbage, expired, forged, or of another kind.
/// </summary>
internal static class BadTokens
{
    public static async Task<IReadOnlyList<(string Kind, string[] Headers)>> MakeAsync(ApiHost host, string secretKey)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var right = await host.TokenAsync(StaffRoles.Administrator);
        var (expired, revoked, disabled) =
            (await AnotherAsync(host), await AnotherAsync(host), await host.TokenAsync(StaffRoles.Auditor));
        await using (var db = await host.Services.GetRequiredService<IDbContextFactory<MasterContext>>()
            .CreateDbContextAsync(cancellation))
        {
            var now = DateTimeOffset.UtcNow;
            await db.Set<ApiToken>().Where(t => t.TokenHash == ApiTokenText.Hash(expired))
                .ExecuteUpdateAsync(
                t => t.SetProperty(x => x.CreatedAt, now.AddHours(-2))
                .SetProperty(x => x.ExpiresAt, now.AddSeconds(-1)), cancellation);
            await db.Set<ApiToken>().Where(t => t.TokenHash == ApiTokenText.Hash(revoked))
                .ExecuteUpdateAsync(t => t.SetProperty(x => x.RevokedAt, now), cancellation);
            await db.Users.Where(s => s.Id == host.StaffOf(StaffRoles.Auditor))
                .ExecuteUpdateAsync(s => s.SetProperty(x => x.DisabledAt, now), cancellation);
        }

        var forged = right.ToCharArray();
        forged[^1] = forged[^1] == 'A' ? 'B' : 'A';
        return
        [
            ("none", []),
            .. new (string Kind, string Header)[]
            {
                ("empty", ""), ("scheme only", "Bearer"), ("scheme and space", "Bearer "),
                ("garbage", "Bearer garbage"), ("SQL", "Bearer ' OR 1=1--"),
                ("long", $"Bearer {new string('a', 8_000)}"), ("expired", $"Bearer {expired}"),
                ("revoked", $"Bearer {revoked}"), ("of a disabled member", $"Bearer {disabled}"),
                ("one character changed", $"Bearer {new string(forged)}"), ("one character more", $"Bearer {right}a"),
                ("one less", $"Bearer {right[..^1]}"),
                ("other case", $"Bearer {right.ToUpperInvariant()}"), ("without its scheme", right),
                ("other scheme", $"Token {right}"), ("two in one", $"Bearer {right}, Bearer {right}"),
                ("random, of our form", $"Bearer {ApiTokenText.New(ApiTokenText.Personal)}"),
                ("its hash", $"Bearer {Convert.ToHexString(ApiTokenText.Hash(right))}"),
                ("alg none", $"Bearer {Jwt("none", null)}"), ("alg NONE", $"Bearer {Jwt("nOnE", null)}"),
                ("HS256 with SECRET_KEY", $"Bearer {Jwt("HS256", secretKey)}"),
                ("HS256 with nothing", $"Bearer {Jwt("HS256", "\0")}"),
                ("basic", "Basic " + Convert.ToBase64String(
                Encoding.UTF8.GetBytes(
                $"{Browser.PortalHost.AdministratorEmail}:{Browser.PortalHost.AdministratorPassword}"))),
                ("non-ASCII", "Bearer ñññ"), ("digest", "Digest username=\"a\""), ("negotiate", "Negotiate YII="),
            }.Select(t => (t.Kind, new[] { t.Header })),
            ("two headers", [$"Bearer {right}", $"Bearer {right}"]),
        ];
    }

    private static async Task<string> AnotherAsync(ApiHost host)
    {
        await using var scope = host.Scope();
        var member = await scope.ServiceProvider
            .GetRequiredService<Microsoft.AspNetCore.Identity.UserManager<StaffMember>>()
            .FindByEmailAsync(Browser.PortalHost.AdministratorEmail);
        return (await scope.ServiceProvider.GetRequiredService<ApiTokenAuthentication>()
            .IssueAsync(member!, "password", null, TestContext.Current.CancellationToken)).Token;
    }

    // A token as the product's own back end issues it, with every useful claim.
    private static string Jwt(string algorithm, string? key)
    {
        var expires = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds();
        var header = $$"""{"alg":"{{algorithm}}","typ":"JWT"}""";
        var claims = $$"""
            {"sub":"1","uid":1,"username":"ana","role":"Administrator","roles":["Administrator"],"tenant":"*",
             "exp":{{expires}}}
            """;
        var signed = $"{Part(header)}.{Part(claims)}";
        var signature = key is null ? ""
            : Base64Url.EncodeToString(
                HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.ASCII.GetBytes(signed)));
        return $"{signed}.{signature}";
    }

    private static string Part(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
