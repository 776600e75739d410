using System.Diagnostics;
using Microsoft.Net.Http.Headers;
using Vigia.Core.Foundation.Telemetry;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Tenancy;
using Vigia.Core.TenantSide;

namespace Vigia.Portal.Api.TenantSide;

/// <summary>
/// Finds the tenant of each call of the tenants' API and checks the token, before the handler runs. Handlers get both
/// as an argument (docs/rules.md#no-ambient-tenant). Asks no database while changes of the registry arrive.
/// </summary>
internal sealed partial class TenantGate(
    RequestDelegate next, TenantFinder finder, TenantResolver resolver, TenantTokens tokens, ILogger<TenantGate> logger)
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

        // An invalid token names no tenant. Programs send an old one along with a sign-in, such as one from before a
        // suspension or a rename.
        var claims = await tokens.ReadAsync(BearerTokens.TokenOf(context.Request));
        if (!call.NeedsToken)
        {
            claims = claims?.IsAlive(resolver) == true ? claims : null;
        }
        else if (claims is null)
        {
            throw NotSignedIn(context);
        }

        var tenant = await ResolveAsync(context, claims);
        if (call.NeedsToken && !TenantTokens.AreAccepted(claims!, tenant))
        {
            throw NotSignedIn(context);
        }

        context.Features.Set(new RequestTenant(tenant, call.NeedsToken ? claims : null));
        await next(context);
    }

    private async ValueTask<TenantEntry> ResolveAsync(HttpContext context, TenantClaims? claims)
    {
        var header = context.Request.Headers[Header];
        if (header.Count > 1)
        {
            throw new TenantRefusedException(TenantRefusal.HeaderInvalid);
        }

        var resolution = await finder.ResolveAsync(
            new TenantClues(header.Count == 0 ? null : header[0] ?? "", claims?.Tenant, context.Request.Host.Value),
            context.RequestAborted);
        if (resolution.Refusal == TenantRefusal.Mismatch)
        {
            VigiaTelemetry.TenantMismatches.Add(
                1, new KeyValuePair<string, object?>("strategy", resolution.Strategy.ToString()));
            LogMismatch(
                logger, resolution.Strategy, SignInOrigin.SourceOf(context.Connection.RemoteIpAddress),
                Activity.Current?.TraceId.ToHexString());
        }

        // The new name is told only to a program that had a token of this tenant, not to one of another tenant that had
        // the name earlier.
        return resolution switch
        {
            { IsRefused: false, Entry: { } tenant } => tenant,
            { Refusal: TenantRefusal.Renamed, Entry: { } renamed } when claims?.IssuedAt >= renamed.RegisteredAt =>
                throw new TenantRefusedException(TenantRefusal.Renamed, renamed.Subdomain),
            _ => throw new TenantRefusedException(resolution.Refusal),
        };
    }

    private static NotSignedInException NotSignedIn(HttpContext context)
    {
        if (context.Request.Headers.ContainsKey(HeaderNames.Authorization))
        {
            context.Response.Headers.WWWAuthenticate = BearerTokens.Challenge + ", error=\"invalid_token\"";
        }

        return new NotSignedInException();
    }

    // Neither the token nor the names: a program may have put something else there.
    [LoggerMessage(Level = LogLevel.Warning, Message = "A request from {Source} was refused, because its header, token "
        + "and host name different tenants; {Strategy} came first (trace {Trace})")]
    private static partial void LogMismatch(ILogger logger, TenantStrategy strategy, string source, string? trace);
}
