using Microsoft.Net.Http.Headers;
using Vigia.Core.Provisioning;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;

namespace Vigia.Portal.Api;

/// <summary>What is done with one client: toggle, provision, invite, correct its RUC.</summary>
internal static class ClienteActionsEndpoints
{
    /// <summary>A reason in words without a code.</summary>
    internal const string OtherReason = "otro";

    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("clientes/{id:int}/toggle", ToggleAsync).WithName("toggleCliente").Right(Rights.TenantsToggle).TakesOptionally<ToggleRequest>().Idempotent()
            .Gives<Cliente>(200).Gives<ClienteAndOperation>(202).Sends(202, HeaderNames.Location).Refuses(404, "tenant_unknown").Refuses(409, "not_ready", "read_only").Refuses(422, "invalid_input");
        api.MapPost("clientes/{id:int}/provision", ProvisionAsync).WithName("provisionCliente").Right(Rights.TenantsProvision).Idempotent()
            .Gives<ClienteAndOperation>(202).Sends(202, HeaderNames.Location).Refuses(404, "tenant_unknown").Refuses(409, "operation_running", "already_provisioned", "tenant_unmanaged", "read_only");
        api.MapPost("clientes/{id:int}/invitation", InviteAsync).WithName("inviteCliente").Right(Rights.TenantsInvite).TakesOptionally<InvitationRequest>().Idempotent()
            .Gives<InvitationAnswer>(201).Refuses(404, "tenant_unknown").Refuses(409, "not_ready", "mail_not_configured", "read_only").Refuses(422, "invalid_input");
        api.MapPost("clientes/{id:int}/ruc", CorrectRucAsync).WithName("correctRuc").Right(Rights.TenantsRucCorrect).Takes<RucRequest>().Idempotent()
            .Gives<Cliente>(200).Refuses(404, "tenant_unknown").Refuses(409, "ruc_taken", "not_ready", "read_only").Refuses(422, "invalid_input");
    }

    private static async Task<IResult> CorrectRucAsync(
        Caller caller, int id, Body<RucRequest> body, TenantRucCorrection correction, ClienteAnswers answers, CancellationToken cancellationToken)
    {
        await correction.CorrectAsync(caller.Actor, id, body.Value.Ruc, body.Value.Reason, cancellationToken);
        return Results.Ok(await answers.ReadAsync(caller, id, cancellationToken));
    }

    private static async Task<IResult> ToggleAsync(
        Caller caller, int id, Body<ToggleRequest> body, TenantSearch search, TenantActivation activation, ClienteAnswers answers, CancellationToken cancellationToken)
    {
        var (actor, request) = (caller.Actor, body.Value);
        var wanted = request.IsActive ?? !(await answers.ReadAsync(caller, id, cancellationToken)).IsActive;
        var result = wanted
            ? await activation.ReactivateAsync(actor, id, cancellationToken)
            : await activation.SuspendAsync(actor, id, request.ReasonCode ?? OtherReason, request.Reason, cancellationToken);
        return result.OperationId is { } operation
            ? await answers.AcceptedAsync(caller, id, operation, cancellationToken)
            : Results.Ok(await answers.ReadAsync(caller, id, cancellationToken));
    }

    private static async Task<IResult> ProvisionAsync(Caller caller, int id, TenantProvisioning provisioning, ClienteAnswers answers, CancellationToken cancellationToken) =>
        await answers.AcceptedAsync(caller, id, await provisioning.ProvisionAsync(caller.Actor, id, cancellationToken), cancellationToken);

    private static async Task<IResult> InviteAsync(Caller caller, int id, Body<InvitationRequest> body, TenantInvitations invitations, CancellationToken cancellationToken)
    {
        var invitation = await invitations.InviteAsync(caller.Actor, id, body.Value.Reason, cancellationToken);
        return Results.Json(new InvitationAnswer(invitation.Url, invitation.SentTo, invitation.IsMailed, invitation.ExpiresAt), statusCode: StatusCodes.Status201Created);
    }
}
