using System.Security.Claims;
using Vigia.Core.Errors;
using Vigia.Core.Staff;

namespace Vigia.Portal.Api;

/// <summary>Who a bearer token stands for, as the database knew them when this request came in.</summary>
internal sealed class ApiIdentity(Actor actor) : ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, actor.StaffId.ToString()!)], BearerTokens.SchemeName)
{
    public Actor Who { get; } = actor;
}

/// <summary>Who calls, for handlers.</summary>
internal readonly record struct Caller(Actor Actor)
{
    /// <summary>
    /// The same person, to read what they have just changed: the answer to a call says what became of it, whatever else the token was made for.
    /// </summary>
    public Actor Reader => Actor with { RightsLimit = [Rights.TenantsView, Rights.OperationsView] };

    public static ValueTask<Caller> BindAsync(HttpContext context) =>
        context.User.Identity is ApiIdentity { Who: var actor } ? ValueTask.FromResult(new Caller(actor)) : throw new ForbiddenException("signed_in");
}
