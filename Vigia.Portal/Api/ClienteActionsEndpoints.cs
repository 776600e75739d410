using Microsoft.Net.Http.Headers;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;

namespace Vigia.Portal.Api;

/// <summary>The endpoints for actions on one tenant: toggle, provision, invite, convert, correct its RUC.</summary>
internal static class ClienteActionsEndpoints
{
    /// <summary>The reason code for a reason that is given only as text.</summary>
    internal const string OtherReason = "otro";

    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("clientes/{id:int}/toggle", ToggleAsync).WithName("toggleCliente").Right(TenantAction.Suspend.Right)
            .TakesOptionally<ToggleRequest>().Idempotent(Replays.ClienteAsync, "tenant.activated", "tenant.suspended")
            .Gives<Cliente>(200).Gives<ClienteAndOperation>(202).Sends(202, HeaderNames.Location)
                .Refuses(404, "tenant_unknown").Refuses(409, "not_ready", "read_only", "audit_closed")
                .Refuses(422, "invalid_input");
        api.MapPost("clientes/{id:int}/provision", ProvisionAsync).WithName("provisionCliente")
            .Right(TenantAction.Provision.Right).Idempotent(Replays.ClienteAsync, "tenant.provisioning_requested")
            .Gives<ClienteAndOperation>(202).Sends(202, HeaderNames.Location).Refuses(404, "tenant_unknown")
                .Refuses(409, "operation_running", "already_provisioned", "tenant_unmanaged", "read_only",
                "audit_closed");
        api.MapPost("clientes/{id:int}/invitation", InviteAsync).WithName("inviteCliente")
            .Right(TenantAction.Invite.Right).TakesOptionally<InvitationRequest>()
            .Idempotent(Replays.InvitationAsync, "tenant.invited", "tenant.admin_recovery")
            .Gives<InvitationAnswer>(201).Refuses(404, "tenant_unknown")
                .Refuses(409, "not_ready", "mail_not_configured", "invitation_needs_signature",
                "invitation_address_changed", "read_only", "audit_closed").Refuses(422, "invalid_input");
        api.MapPost("clientes/{id:int}/conversion", ConvertAsync).WithName("convertCliente")
            .Right(TenantAction.Convert.Right).TakesOptionally<ConversionRequest>()
            .Idempotent(Replays.ClienteAsync, "tenant.converted")
            .Gives<Cliente>(200).Gives<ClienteAndOperation>(202).Sends(202, HeaderNames.Location)
                .Refuses(404, "tenant_unknown")
            .Refuses(409, "already_production", "not_ready", "operation_running", "read_only", "audit_closed")
                .Refuses(422, "invalid_input");
        api.MapPost("clientes/{id:int}/ruc", CorrectRucAsync).WithName("correctRuc")
            .Right(TenantAction.CorrectRuc.Right)
            .Takes<RucRequest>().Idempotent(Replays.ClienteAsync, "tenant.ruc_corrected")
            .Gives<Cliente>(200).Refuses(404, "tenant_unknown")
                .Refuses(409, "ruc_taken", "not_ready", "read_only", "audit_closed").Refuses(422, "invalid_input");
    }

    private static async Task<IResult> ConvertAsync(
        Caller caller, int id, Body<ConversionRequest> body, TenantConversion conversion, ClienteAnswers answers,
        CancellationToken cancellationToken)
    {
        var request = body.Value;
        var wanted = new Conversion
        {
            ExpiresAt = request.ExpiresAt, Plan = request.Plan,
            KeepLimits = request.KeepLimits == true, RemoveDemoData = request.RemoveDemoData == true,
        };
        if (request.Preview == true)
        {
            return Results.Ok(Cliente.Of(await conversion.PreviewAsync(caller.Actor, id, wanted, cancellationToken)));
        }

        return await conversion.ConvertAsync(caller.Actor, id, wanted, cancellationToken) is { } operation
            ? await answers.AcceptedAsync(caller, id, operation, cancellationToken)
            : Results.Ok(await answers.ReadAsync(caller, id, cancellationToken));
    }

    private static async Task<IResult> CorrectRucAsync(
        Caller caller, int id, Body<RucRequest> body, TenantRucCorrection correction, ClienteAnswers answers,
        CancellationToken cancellationToken)
    {
        await correction.CorrectAsync(caller.Actor, id, body.Value.Ruc, body.Value.Reason, cancellationToken);
        return Results.Ok(await answers.ReadAsync(caller, id, cancellationToken));
    }

    private static async Task<IResult> ToggleAsync(
        Caller caller, int id, Body<ToggleRequest> body, TenantSearch search, TenantActivation activation,
        ClienteAnswers answers, CancellationToken cancellationToken)
    {
        var (actor, request) = (caller.Actor, body.Value);
        if (request.IsActive is null && body.Has("is_active"))
        {
            // Left out, it flips. A null is a caller's variable without a value, which must not flip anything.
            throw new InvalidInputException("is_active", new Message("field_boolean"));
        }

        var wanted = request.IsActive ?? !(await answers.ReadAsync(caller, id, cancellationToken)).IsActive;
        var result = wanted
            ? await AsNotReadyAsync(activation.ReactivateAsync(actor, id, cancellationToken))
            : await AsNotReadyAsync(activation.SuspendAsync(
                actor, id, request.ReasonCode ?? OtherReason, request.Reason, cancellationToken));
        return result.OperationId is { } operation
            ? await answers.AcceptedAsync(caller, id, operation, cancellationToken)
            : Results.Ok(await answers.ReadAsync(caller, id, cancellationToken));
    }

    /// <summary>Pages say which of these states it is. The contract has one code for them.</summary>
    internal static async Task<ToggleResult> AsNotReadyAsync(Task<ToggleResult> change)
    {
        try
        {
            return await change;
        }
        catch (RuleException refusal) when (TenantAction.IsAboutReadiness(refusal.Reason.Code))
        {
            throw new RuleException("not_ready");
        }
    }

    private static async Task<IResult> ProvisionAsync(
        Caller caller, int id, TenantProvisioning provisioning, ClienteAnswers answers,
        CancellationToken cancellationToken) =>
        await answers.AcceptedAsync(
            caller, id, await provisioning.ProvisionAsync(caller.Actor, id, cancellationToken), cancellationToken);

    private static async Task<IResult> InviteAsync(
        Caller caller, int id, Body<InvitationRequest> body, TenantInvitations invitations,
        CancellationToken cancellationToken)
    {
        var invitation = await invitations.InviteAsync(
            caller.Actor, id, new NewInvitation(body.Value.Reason), cancellationToken);
        return Results.Json(
            new InvitationAnswer(invitation.SentTo, invitation.ExpiresAt), statusCode: StatusCodes.Status201Created);
    }
}
