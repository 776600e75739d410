using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Portal.Components.Access;

namespace Vigia.Portal.Api;

/// <summary>The caller, as a parameter of handlers.</summary>
internal readonly record struct Caller(Actor Actor)
{
    /// <summary>
    /// The same actor with read rights, to read the result of their own change. The answer to a call describes the
    /// result, whatever other rights the token has.
    /// </summary>
    public Actor Reader => Actor with { RightsLimit = [Rights.TenantsView, Rights.OperationsView] };

    public static ValueTask<Caller> BindAsync(HttpContext context) =>
        context.User.Identity is ApiIdentity { Who: var actor } ? ValueTask.FromResult(
            new Caller(actor with
            {
                Request = context.Features.Get<RequestKey>(),
                Call = context.Features.Get<CallEffect>(),
                Condition = context.Features.Get<TenantCondition>(),
            }))
            : throw new ForbiddenException("signed_in");
}
