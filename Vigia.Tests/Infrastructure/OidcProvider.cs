using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Vigia.Tests.Infrastructure;

/// <summary>A fault in the answer of an identity provider.</summary>
public enum OidcFault
{
    None,
    NoSignature,

    /// <summary>Claims to be signed, but has an empty signature.</summary>
    EmptySignature,
    OtherKey,

    /// <summary>Signed with the client secret, which the portal does not allow to any provider.</summary>
    SharedSecret,
    OtherAudience,
    OtherIssuer,
    Expired,
    OtherNonce,
    NoNonce,

    /// <summary>The userinfo endpoint describes another person.</summary>
    OtherUserInfo,

    /// <summary>The token endpoint answers 500.</summary>
    Broken,

    /// <summary>The person refuses to sign in.</summary>
    Denied,
}

/// <summary>
/// A small identity provider on this machine: discovery, keys, authorization code with PKCE, userinfo. Its tokens are
/// written by hand, so that they can contain faults. Its host name is <c>localhost</c>: for a browser that is another
/// site than a portal on 127.0.0.1.
/// </summary>
public sealed class OidcProvider : IAsyncDisposable
{
    public const string ClientId = "vigia-portal";
    public const string ClientSecret = "the-secret-of-the-client-in-tests";

    private readonly RSA _key = RSA.Create(2048);
    private readonly RSA _otherKey = RSA.Create(2048);
    private readonly ConcurrentDictionary<string, Grant> _codes = new();
    private readonly ConcurrentDictionary<string, Grant> _tokens = new();
    private WebApplication? _app;

    public string Issuer { get; private set; } = "";

    /// <summary>The subject of the person who is signed in at the provider.</summary>
    public string Subject { get; set; } = "nobody";

    public string? Email { get; set; }

    /// <summary>The value of the claim; null omits the claim.</summary>
    public object? EmailVerified { get; set; } = true;

    /// <summary>Whether the address appears only in the answer of the userinfo endpoint.</summary>
    public bool EmailInUserInfo { get; set; }

    public string[]? Amr { get; set; }

    /// <summary>How long ago the person authenticated at the provider; null omits the claim.</summary>
    public TimeSpan? AuthenticatedAgo { get; set; } = TimeSpan.Zero;

    public OidcFault Fault { get; set; }

    /// <summary>Whether the provider shows a page and waits for the person before it redirects.</summary>
    public bool ShowsPage { get; set; }

    /// <summary>The parameters of the last authorization request.</summary>
    public IReadOnlyDictionary<string, string> Asked { get; private set; } = new Dictionary<string, string>();

    /// <summary>Signs another person in at the provider and resets its faults, as a new provider would be.</summary>
    public void Be(string subject, string? email)
    {
        (Subject, Email, EmailVerified, EmailInUserInfo, Amr, AuthenticatedAgo, Fault, ShowsPage) =
            (subject, email, true, false, null, TimeSpan.Zero, OidcFault.None, false);
    }

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapGet("/.well-known/openid-configuration", Discovery);
        _app.MapGet("/keys", Keys);
        _app.MapGet("/authorize", (Delegate)Authorize);
        _app.MapPost("/token", (Delegate)TokenAsync);
        _app.MapGet("/userinfo", (Delegate)UserInfo);
        await _app.StartAsync();
        var addresses = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        Issuer = $"http://localhost:{new Uri(addresses.First()).Port}";
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        _key.Dispose();
        _otherKey.Dispose();
    }

    private IResult Discovery() => Results.Json(new
    {
        issuer = Issuer,
        authorization_endpoint = $"{Issuer}/authorize",
        token_endpoint = $"{Issuer}/token",
        userinfo_endpoint = $"{Issuer}/userinfo",
        jwks_uri = $"{Issuer}/keys",
        response_types_supported = new[] { "code" },
        subject_types_supported = new[] { "public" },
        id_token_signing_alg_values_supported = new[] { "RS256" },
    });

    private IResult Keys()
    {
        var key = _key.ExportParameters(false);
        return Results.Json(
            new
            {
                keys = new[] { new { kty = "RSA", use = "sig", kid = "1", alg = "RS256",
            n = Base64Url.EncodeToString(key.Modulus), e = Base64Url.EncodeToString(key.Exponent) } }
            });
    }

    private IResult Authorize(HttpContext context)
    {
        // Several browsers may send requests at the same moment. Each continues with its own request.
        var asked = context.Request.Query.ToDictionary(pair => pair.Key, pair => pair.Value.ToString());
        Asked = asked;
        if (ShowsPage && !asked.ContainsKey("agreed"))
        {
            var on = HtmlEncoder.Default.Encode($"{context.Request.Path}{context.Request.QueryString}&agreed=1");
            return Results.Content(
                "<!DOCTYPE html><html lang=\"es\"><head><title>Proveedor</title><link rel=\"icon\" href=\"data:,\">"
                + $"</head><body><h1>Proveedor de pruebas</h1><a href=\"{on}\">Soy yo</a></body></html>", "text/html");
        }

        if (Fault == OidcFault.Denied)
        {
            return Back(asked, "error", "access_denied");
        }

        var code = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        _codes[code] = new Grant(
            Subject, Email, EmailVerified, asked.GetValueOrDefault("nonce"), asked["code_challenge"],
            asked["redirect_uri"]);
        return Back(asked, "code", code);
    }

    private static IResult Back(Dictionary<string, string> asked, string name, string value) =>
        Results.Redirect($"{asked["redirect_uri"]}?{name}={value}&state={Uri.EscapeDataString(asked["state"])}");

    private async Task<IResult> TokenAsync(HttpContext context)
    {
        if (Fault == OidcFault.Broken)
        {
            return Results.StatusCode(StatusCodes.Status500InternalServerError);
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (form["client_id"] != ClientId || form["client_secret"] != ClientSecret
            || form["grant_type"] != "authorization_code"
            || !_codes.TryRemove(form["code"].ToString(), out var grant) || form["redirect_uri"] != grant.RedirectUri
            || Base64Url.EncodeToString(
                SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString()))) != grant.Challenge)
        {
            return Results.Json(new { error = "invalid_grant" }, statusCode: StatusCodes.Status400BadRequest);
        }

        var access = Guid.NewGuid().ToString("n");
        _tokens[access] = grant;
        return Results.Json(
            new { access_token = access, token_type = "Bearer", expires_in = 300, id_token = IdToken(grant) });
    }

    private IResult UserInfo(HttpContext context)
    {
        if (!_tokens.TryGetValue(
            context.Request.Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal),
            out var grant))
        {
            return Results.Unauthorized();
        }

        var claims = new Dictionary<string, object?>
        { ["sub"] = Fault == OidcFault.OtherUserInfo ? "somebody-else" : grant.Subject };
        if (EmailInUserInfo)
        {
            (claims["email"], claims["email_verified"]) = (grant.Email, grant.EmailVerified);
        }

        return Results.Json(claims);
    }

    private string IdToken(Grant grant)
    {
        var now = DateTimeOffset.UtcNow;
        var claims = new Dictionary<string, object?>
        {
            ["iss"] = Fault == OidcFault.OtherIssuer ? "http://localhost:1" : Issuer,
            ["aud"] = Fault == OidcFault.OtherAudience ? "another-client" : ClientId,
            ["sub"] = grant.Subject,
            ["iat"] = now.AddMinutes(Fault == OidcFault.Expired ? -20 : 0).ToUnixTimeSeconds(),
            ["exp"] = now.AddMinutes(Fault == OidcFault.Expired ? -10 : 5).ToUnixTimeSeconds(),
            ["nonce"] = Fault switch { OidcFault.NoNonce => null, OidcFault.OtherNonce => "another", _ => grant.Nonce },
            ["email"] = EmailInUserInfo ? null : grant.Email,
            ["email_verified"] = EmailInUserInfo ? null : grant.EmailVerified,
            ["amr"] = Amr,
            ["auth_time"] = AuthenticatedAgo is { } ago ? (now - ago).ToUnixTimeSeconds() : null,
        };
        var algorithm = Fault switch
        {
            OidcFault.NoSignature => "none",
            OidcFault.SharedSecret => "HS256",
            _ => "RS256"
        };
        var header = Part(new { alg = algorithm, typ = "JWT", kid = "1" });
        var body = Part(claims.Where(claim => claim.Value is not null)
            .ToDictionary(claim => claim.Key, claim => claim.Value));
        var signed = $"{header}.{body}";
        var bytes = Encoding.ASCII.GetBytes(signed);
        return $"{signed}.{Base64Url.EncodeToString(Fault switch
        {
            OidcFault.NoSignature or OidcFault.EmptySignature => [],
            OidcFault.SharedSecret => HMACSHA256.HashData(Encoding.ASCII.GetBytes(ClientSecret), bytes),
            OidcFault.OtherKey => _otherKey.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            _ => _key.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        })}";
    }

    private static string Part<T>(T value) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));

    private sealed record Grant(
        string Subject, string? Email, object? EmailVerified, string? Nonce, string Challenge, string RedirectUri);
}
