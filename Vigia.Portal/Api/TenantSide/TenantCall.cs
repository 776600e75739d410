using System.Diagnostics;
using Vigia.Core.Tenancy;
using Vigia.Core.TenantSide;

namespace Vigia.Portal.Api.TenantSide;

/// <summary>Marks a call of the tenants' API. <see cref="TenantGate"/> finds its tenant.</summary>
/// <param name="NeedsToken">Whether the call is for signed-in users only.</param>
/// <param name="Permission">The permission that its service demands. Null when every user may call it.</param>
internal sealed record TenantCall(bool NeedsToken, string? Permission = null);

/// <summary>The tenant of a request, as a parameter of handlers.</summary>
/// <param name="Tenant">The tenant that the request was resolved to.</param>
/// <param name="Claims">The claims of the token. Null for a call that needs none.</param>
internal sealed record RequestTenant(TenantEntry Tenant, TenantClaims? Claims)
{
    public static ValueTask<RequestTenant?> BindAsync(HttpContext context) =>
        ValueTask.FromResult(context.Features.Get<RequestTenant>());
}

/// <summary>The user of a tenant who makes a call, as a parameter of handlers.</summary>
internal readonly record struct TenantUserCall(TenantCaller Caller)
{
    public static ValueTask<TenantUserCall> BindAsync(HttpContext context) =>
        context.Features.Get<RequestTenant>() is { Claims: { } claims } request
            ? ValueTask.FromResult(new TenantUserCall(
                new TenantCaller(request.Tenant, claims, Activity.Current?.TraceId.ToHexString())))
            : throw new NotSignedInException();
}

/// <summary>The metadata of a call of the tenants' API.</summary>
internal static class TenantCallRules
{
    private static readonly Heeds Tenant = new(TenantGate.Header);

    /// <summary>A call without a token, such as the sign-in.</summary>
    public static RouteHandlerBuilder ForTenant(this RouteHandlerBuilder call) =>
        Refusing(call.WithMetadata(new TenantCall(NeedsToken: false), Tenant, new SmallBody()));

    /// <summary>A call of a signed-in user. The service demands the permission.</summary>
    public static RouteHandlerBuilder ForTenantUser(this RouteHandlerBuilder call, string? permission = null) =>
        Refusing(call.WithMetadata(new TenantCall(NeedsToken: true, permission), Tenant));

    private static RouteHandlerBuilder Refusing(RouteHandlerBuilder call)
    {
        foreach (var group in Enum.GetValues<TenantRefusal>().Where(refusal => refusal != TenantRefusal.None)
            .GroupBy(TenantRefusals.StatusOf))
        {
            call.Refuses(group.Key, [.. group.Select(refusal => TenantRefusals.CodeOf(refusal)!)]);
        }

        // Nothing here has a tag, so a condition that names one never holds.
        return call.Refuses(StatusCodes.Status409Conflict, LegacyTenant.SchemaDiffers)
            .Refuses(StatusCodes.Status412PreconditionFailed, "condition_failed");
    }
}
