using System.Buffers.Text;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenancy;
using Vigia.Core.TenantSide;

namespace Vigia.Tests.TenantSide;

/// <summary>
/// The tokens of tenants' users, which the product's back end issues and reads too (docs/rules.md#tenant-tokens).
/// </summary>
public sealed class TenantTokensTests
{
    private const string Secret = "una clave secreta con ñ, de más de 32 letras";
    private const string Previous = "la clave secreta de antes, también larga";

    private static readonly DateTimeOffset Now = new(2026, 12, 1, 12, 0, 0, 250, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Now);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static TenantAccount Rosa => new()
    {
        Id = 7, Username = null, Email = "rosa@andinos.pe", IsActive = true, Roles = ["qf", "admin"],
    };

    [Fact]
    public async Task Token_BeforeItsEnd_IsAccepted()
    {
        var tokens = Tokens(Secret);
        var token = await tokens.IssueAsync(Tenant(), Rosa, "abc", Cancellation);

        Assert.Equal(new TenantClaims(7, "andinos", DateTimeOffset.FromUnixTimeSeconds(Now.ToUnixTimeSeconds())),
            await tokens.ReadAsync(token));
        _time.Advance(TimeSpan.FromMinutes(480) - TimeSpan.FromMilliseconds(251));
        Assert.NotNull(await tokens.ReadAsync(token));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await tokens.ReadAsync(token));
    }

    [Fact]
    public async Task Token_OfThePreviousSecret_IsReadUntilThatIsTakenAway()
    {
        var old = await Tokens(Previous).IssueAsync(Tenant(), Rosa, null, Cancellation);

        Assert.Null(await Tokens(Secret).ReadAsync(old));
        Assert.NotNull(await Tokens(Secret, Previous).ReadAsync(old));
        var fresh = await Tokens(Secret, Previous).IssueAsync(Tenant(), Rosa, null, Cancellation);
        Assert.NotNull(await Tokens(Secret).ReadAsync(fresh));
        Assert.Null(await Tokens(Previous).ReadAsync(fresh));
    }

    [Fact]
    public async Task Token_OfTheProduct_IsIssuedItsLifetimeBeforeItsEnd()
    {
        var exp = Now.ToUnixTimeSeconds() + 3_600;

        var claims = await Tokens(Secret).ReadAsync(Signed("HS256", Secret, $$"""
            {"sub":"7","uid":7,"username":"rosa","email":"rosa@andinos.pe","role":"admin","roles":["admin"],
             "tenant":"andinos","trace":"x","exp":{{exp}}}
            """));

        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(exp - (480 * 60)), claims!.IssuedAt);
    }

    [Theory]
    [InlineData("""{"sub":"7","uid":7,"tenant":"andinos"}""")]
    [InlineData("""{"sub":"8","uid":7,"tenant":"andinos","exp":END}""")]
    [InlineData("""{"uid":7,"tenant":"andinos","exp":END}""")]
    [InlineData("""{"sub":"7","uid":7,"exp":END}""")]
    [InlineData("""{"sub":"7","uid":7,"tenant":null,"exp":END}""")]
    [InlineData("""{"sub":"7","uid":7,"tenant":["andinos"],"exp":END}""")]
    [InlineData("""{"sub":"0","uid":0,"tenant":"andinos","exp":END}""")]
    [InlineData("""{"sub":"END9","uid":END9,"tenant":"andinos","exp":END}""")]
    [InlineData("""{"sub":"7","uid":7,"tenant":"andinos","exp":END,"nbf":SOON}""")]
    [InlineData("""{"sub":"7","uid":7,"tenant":"andinos","exp":1}""")]
    [InlineData("""{"sub":"7","uid":7,"tenant":"andinos","exp":END,"iat":-5}""")]
    [InlineData("[]")]
    [InlineData("7")]
    public async Task Token_WithoutARequiredClaim_IsRefused(string claims) =>
        Assert.Null(await Tokens(Secret).ReadAsync(Signed("HS256", Secret, Filled(claims))));

    /// <summary>Such a token would outlive every suspension of its tenant.</summary>
    [Theory]
    [InlineData(null, 480 * 60, true)]
    [InlineData(null, (480 * 60) + 60, true)]
    [InlineData(null, (480 * 60) + 61, false)]
    [InlineData(60, 3_600, true)]
    [InlineData(61, 3_600, false)]
    public async Task Token_IssuedInTheFuture_IsRefused(int? iat, int exp, bool isRead)
    {
        var now = Now.ToUnixTimeSeconds();
        var issued = iat is null ? "" : $"\"iat\":{now + iat},";

        var claims = await Tokens(Secret).ReadAsync(Signed("HS256", Secret,
            $$"""{"sub":"7","uid":7,{{issued}}"tenant":"andinos","exp":{{now + exp}}}"""));

        Assert.Equal(isRead, claims is not null);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("HS384")]
    [InlineData("HS512")]
    [InlineData("RS256")]
    [InlineData("hs256")]
    public async Task Token_OfAnotherAlgorithm_IsRefused(string algorithm)
    {
        var claims = Filled("""{"sub":"7","uid":7,"tenant":"andinos","exp":END}""");

        Assert.NotNull(await Tokens(Secret).ReadAsync(Signed("HS256", Secret, claims)));
        Assert.Null(await Tokens(Secret).ReadAsync(Signed(algorithm, Secret, claims)));
        Assert.Null(await Tokens(Secret).ReadAsync(Signed(algorithm, Secret, claims).Split('.') is var p
            ? $"{p[0]}.{p[1]}." : ""));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("a.b.c")]
    [InlineData("..")]
    [InlineData("vgp_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Text_ThatIsNoToken_IsRefused(string? text)
    {
        Assert.Null(await Tokens(Secret).ReadAsync(text));
        Assert.Null(await Tokens(Secret).ReadAsync(new string('a', 300_000)));
    }

    [Fact]
    public async Task Token_IssuedBeforeTheTenantsMoment_IsNotAccepted()
    {
        var claims = await Tokens(Secret).ReadAsync(
            await Tokens(Secret).IssueAsync(Tenant(), Rosa, null, Cancellation));

        Assert.True(TenantTokens.AreAccepted(claims!, Tenant()));
        Assert.True(TenantTokens.AreAccepted(claims!, Tenant(Now.AddHours(-1))));
        Assert.False(TenantTokens.AreAccepted(claims!, Tenant(Now)));
        Assert.False(TenantTokens.AreAccepted(claims!, Tenant(Now.AddHours(1))));
    }

    /// <summary>Whole seconds must neither let an old token in nor keep a new one out.</summary>
    [Fact]
    public async Task Token_OfTheSecondInWhichOlderOnesEnded_IsIssuedInTheNextOne()
    {
        var tenant = Tenant(Now.AddMilliseconds(-50));

        var issuing = Tokens(Secret).IssueAsync(tenant, Rosa, null, Cancellation);
        Assert.False(issuing.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(750));

        Assert.True(TenantTokens.AreAccepted((await Tokens(Secret).ReadAsync(await issuing))!, tenant));
    }

    /// <summary>Python reads our tokens as the product does, and we read those that it makes.</summary>
    [Fact]
    public async Task Token_OfPythonAndOurs_AreReadByTheOther()
    {
        var tokens = new TenantTokens(Settings(Secret, null), TimeProvider.System);
        var ours = await tokens.IssueAsync(Tenant(), Rosa, "4bf92f3577b34da6a3ce929d0e0e4736", Cancellation);

        var (read, made) = await PythonAsync(ours);

        Assert.Equal(("7", 7, "andinos", "admin", JsonValueKind.Null), (read.GetProperty("sub").GetString(),
            read.GetProperty("uid").GetInt32(), read.GetProperty("tenant").GetString(),
            read.GetProperty("role").GetString(), read.GetProperty("username").ValueKind));
        Assert.Equal(480 * 60, read.GetProperty("exp").GetInt64() - read.GetProperty("iat").GetInt64());
        var claims = await tokens.ReadAsync(made);
        Assert.Equal((12, "andinos"), (claims!.UserId, claims.Tenant));
        Assert.InRange(claims.IssuedAt, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddSeconds(1));
    }

    private static async Task<(JsonElement Read, string Made)> PythonAsync(string token)
    {
        const string Script = """
            import datetime, json, sys, jwt
            secret, token = sys.stdin.read().split("\n")
            read = jwt.decode(token, secret, algorithms=["HS256"])
            ends = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=480)
            made = jwt.encode({"sub": "12", "uid": 12, "username": "luis", "email": "luis@andinos.pe", "role": "qf",
                "roles": ["qf"], "tenant": "andinos", "trace": "t", "exp": ends}, secret, algorithm="HS256")
            print(json.dumps({"read": read, "made": made}))
            """;

        // The interpreter of the system has Debian's packages.
        var start = new ProcessStartInfo("/usr/bin/python3", ["-c", Script])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
        };
        start.Environment["PYTHONIOENCODING"] = "utf-8";
        using var python = Process.Start(start)!;
        await python.StandardInput.WriteAsync($"{Secret}\n{token}");
        python.StandardInput.Close();
        var (output, error) = (python.StandardOutput.ReadToEndAsync(Cancellation),
            python.StandardError.ReadToEndAsync(Cancellation));
        await python.WaitForExitAsync(Cancellation);
        Assert.True(python.ExitCode == 0, await error);
        var answer = JsonElement.Parse(await output);
        return (answer.GetProperty("read"), answer.GetProperty("made").GetString()!);
    }

    private static TenantEntry Tenant(DateTimeOffset? validAfter = null) => new()
    {
        Id = 3, Subdomain = "andinos", DatabaseName = "vigia_andinos", State = TenantState.Ready, IsActive = true,
        TokensValidAfter = validAfter,
    };

    private TenantTokens Tokens(string secret, string? previous = null) => new(Settings(secret, previous), _time);

    private static VigiaSettings Settings(string secret, string? previous) =>
        new() { SecretKey = secret, SecretKeyPrevious = previous };

    // END is an hour later, SOON shortly before it.
    private static string Filled(string claims) => claims
        .Replace("END", $"{Now.ToUnixTimeSeconds() + 3_600}", StringComparison.Ordinal)
        .Replace("SOON", $"{Now.ToUnixTimeSeconds() + 3_599}", StringComparison.Ordinal);

    private static string Signed(string algorithm, string secret, string claims)
    {
        var signed = $"{Part($$"""{"alg":"{{algorithm}}","typ":"JWT"}""")}.{Part(claims)}";
        var (key, data) = (Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(signed));
        var signature = algorithm switch
        {
            "HS384" => HMACSHA384.HashData(key, data),
            "HS512" => HMACSHA512.HashData(key, data),
            _ => HMACSHA256.HashData(key, data),
        };
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Part(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
