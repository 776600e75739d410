using Microsoft.Net.Http.Headers;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Staff.ServiceAccounts;
using Vigia.Core.Tenants;

namespace Vigia.Portal.Api;

/// <summary>Builds the answer to a request from what it has committed.</summary>
internal delegate Task<IResult> Replay(HttpContext context, Caller caller, RequestEffect effect);

/// <summary>How a call that was done is answered when its answer was lost or failed.</summary>
/// <param name="Answer">Builds the answer.</param>
/// <param name="Effects">The audited actions that complete the call.</param>
internal sealed record Replayed(Replay Answer, IReadOnlySet<string> Effects);

/// <summary>The answers of calls, built from what they have committed.</summary>
internal static class Replays
{
    /// <summary>200 with the tenant, or 202 with the operation that was queued for it.</summary>
    public static async Task<IResult> ClienteAsync(HttpContext context, Caller caller, RequestEffect effect)
    {
        var answers = context.RequestServices.GetRequiredService<ClienteAnswers>();
        return effect.OperationId is { } operation
            ? await answers.AcceptedAsync(caller, effect.TenantId!.Value, operation, context.RequestAborted)
            : Results.Ok(await answers.ReadAsync(caller, effect.TenantId!.Value, context.RequestAborted));
    }

    /// <summary>200 with the tenant and its version.</summary>
    public static async Task<IResult> ChangedClienteAsync(HttpContext context, Caller caller, RequestEffect effect)
    {
        var found = await context.RequestServices.GetRequiredService<TenantSearch>()
            .GetAsync(caller.Reader, effect.TenantId!.Value, context.RequestAborted);
        if (found.View is not { } view)
        {
            throw new NotFoundException("tenant_unknown");
        }

        context.Response.Headers[HeaderNames.ETag] = EntityTags.Of(view.Row.Version);
        return Results.Ok(Cliente.Of(view));
    }

    /// <summary>Like <see cref="ClienteAsync"/>, for a new tenant: 201 when it was registered only.</summary>
    public static async Task<IResult> NewClienteAsync(HttpContext context, Caller caller, RequestEffect effect) =>
        effect.OperationId is not null ? await ClienteAsync(context, caller, effect)
            : await context.RequestServices.GetRequiredService<ClienteAnswers>()
                .CreatedAsync(caller, effect.TenantId!.Value, context.RequestAborted);

    /// <summary>202 with the operation.</summary>
    public static async Task<IResult> OperationAsync(HttpContext context, Caller caller, RequestEffect effect) =>
        Results.Accepted(ApiUrls.Operation(effect.OperationId!.Value), OperationAnswer.Of(
            await context.RequestServices.GetRequiredService<OperationService>()
                .GetAsync(caller.Reader, effect.OperationId.Value, context.RequestAborted)));

    /// <summary>
    /// 200 with the service account, or 201 with a new one. Without its token, of which only the hash is stored.
    /// </summary>
    public static async Task<IResult> ServiceAccountAsync(HttpContext context, Caller caller, RequestEffect effect)
    {
        var services = context.RequestServices;
        var account = await services.GetRequiredService<ServiceAccountDirectory>().GetAsync(
            caller.Actor, effect.After!.Value.GetProperty("service_account_id").GetGuid(), context.RequestAborted);
        var answer = ServiceAccountResultAnswer.Of(account, null, services.GetRequiredService<TimeProvider>());
        return effect.Action == ServiceAccountService.Created
            ? Results.Created(ServiceAccountEndpoints.Place, answer) : Results.Ok(answer);
    }

    /// <summary>201 with the address and the end of the invitation.</summary>
    public static Task<IResult> InvitationAsync(HttpContext context, Caller caller, RequestEffect effect) =>
        Task.FromResult(Results.Json(
            new InvitationAnswer(effect.After!.Value.GetProperty("sent_to").GetString()!,
                effect.After.Value.GetProperty("expires_at").GetDateTimeOffset()),
            statusCode: StatusCodes.Status201Created));
}
