using Microsoft.Net.Http.Headers;
using Vigia.Core.Tenancy;
using Vigia.Core.TenantSide;

namespace Vigia.Portal.Api.TenantSide;

/// <summary>
/// Finds the tenant of each call of the tenants' API and checks the token, before the handler runs. Handlers get both
/// as an argument (docs/rules.md#no-ambient-tenant). Asks no database.
/// </summary>
internal sealed class TenantGate(RequestDelegate next, TenantResolver resolver, TenantTokens tokens)
{
    /// <summary>The header that names the tenant.</summary>
    public const string Header = "X-Tenant";

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<TenantCall>() is not { } call)
        {
            await next(context);
            return;
        }

        // A token that does not work says nothing. Programs send an old one along with a sign-in.
        var claims = await tokens.ReadAsync(BearerTokens.TokenOf(context.Request));
        if (claims is null && call.NeedsToken)
        {
            throw NotSignedIn(context);
        }

        var tenant = Resolve(context, claims, call.NeedsToken);
        if (claims is not null && !TenantTokens.AreAccepted(claims, tenant))
        {
            claims = call.NeedsToken ? throw NotSignedIn(context) : null;
        }

        context.Features.Set(new RequestTenant(tenant, call.NeedsToken ? claims : null));
        await next(context);
    }

    private TenantEntry Resolve(HttpContext context, TenantClaims? claims, bool needsToken)
    {
        var header = context.Request.Headers[Header];
        if (header.Count > 1)
        {
            throw new TenantRefusedException(TenantRefusal.HeaderInvalid);
        }

        var clues = new TenantClues(
            header.Count == 0 ? null : header[0] ?? "", claims?.Tenant, context.Request.Host.Value);
        var resolution = resolver.Resolve(clues);
        if (resolution.Refusal != TenantRefusal.Renamed)
        {
            return resolution.IsRefused ? throw new TenantRefusedException(resolution.Refusal) : resolution.Entry!;
        }

        // A user signs in at the new address while the program still sends the token of before the rename.
        if (!needsToken && resolver.Resolve(clues with { Claim = null }) is { IsRefused: false } signsIn)
        {
            return signsIn.Entry!;
        }

        // The new name is told only to a program that had a token of this tenant.
        throw new TenantRefusedException(
            TenantRefusal.Renamed, claims is null ? [] : [resolution.Entry!.Subdomain]);
    }

    private static NotSignedInException NotSignedIn(HttpContext context)
    {
        if (context.Request.Headers.ContainsKey(HeaderNames.Authorization))
        {
            context.Response.Headers.WWWAuthenticate = BearerTokens.Challenge + ", error=\"invalid_token\"";
        }

        return new NotSignedInException();
    }
}
