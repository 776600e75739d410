using Vigia.Core.Foundation.Errors;
using Vigia.Core.Tenancy;

namespace Vigia.Core.TenantSide;

/// <summary>The user of a tenant in whose name a call happens. It is always passed as an argument.</summary>
/// <param name="Tenant">The tenant that the request was resolved to.</param>
/// <param name="Claims">The claims of the token.</param>
/// <param name="TraceId">The id of the request's trace, for the tenant's audit log.</param>
public sealed record TenantCaller(TenantEntry Tenant, TenantClaims Claims, string? TraceId);

/// <summary>The request has no valid token: it has none, the token expired, or its user may not sign in.</summary>
public sealed class NotSignedInException() : RuleException("not_authenticated");
