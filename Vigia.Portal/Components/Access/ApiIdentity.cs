using System.Security.Claims;
using Vigia.Core.Foundation.Access;

namespace Vigia.Portal.Components.Access;

/// <summary>The actor of a bearer token, as the database had them when this request arrived.</summary>
internal sealed class ApiIdentity(Actor actor, string scheme)
    : ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, actor.Id.ToString()!)], scheme)
{
    public Actor Who { get; } = actor;
}
