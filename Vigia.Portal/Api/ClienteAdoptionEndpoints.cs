using Microsoft.Net.Http.Headers;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Adoption;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;

namespace Vigia.Portal.Api;

/// <summary>The endpoints to adopt databases that the portal did not create.</summary>
internal static class ClienteAdoptionEndpoints
{
    private static readonly string[] Refusals =
    [
        "owner_statements_needed", "already_managed", "adoption_unfinished", "adopt_reclaimable", "adopt_reserved",
        "adopt_named_twice", "adopt_other_server", "adopt_not_vigia", "adopt_event_triggers",
        "adopt_definer_functions", "adopt_name_taken", "adopt_key_missing", "adopt_row_security", "adopt_column_type",
        "adopt_foreign_code", "adopt_no_session", "adopt_row_changed", "content_no_admin", "database_missing",
        "database_belongs_to_another", "database_closed", "database_encoding", "database_half_dropped",
        "operation_running", "not_ready", "read_only", "audit_closed",
    ];

    private static readonly QueryParameter DryRun = new("dry_run", QueryType.Boolean) { Default = false };

    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("clientes/adopt", AdoptAsync).WithName("adoptDatabase").Right(TenantAction.Adopt.Right)
            .Query(DryRun).Takes<AdoptRequest>().Idempotent(Replays.ClienteAsync, "tenant.adopt_requested")
            .Gives<AdoptionReportAnswer>(200).Gives<ClienteAndOperation>(202).Sends(202, HeaderNames.Location)
            .Refuses(403, "password_wrong")
            .Refuses(409, [.. Refusals, "ruc_taken", "subdominio_taken", "subdominio_kept", "db_name_taken"])
            .Refuses(422, "invalid_input").Refuses(429, "inspection_running");
        api.MapPost("clientes/{id:int}/adopt", AdoptClienteAsync).WithName("adoptCliente")
            .Right(TenantAction.Adopt.Right).Query(DryRun).Takes<AdoptClienteRequest>()
            .Idempotent(Replays.ClienteAsync, "tenant.adopt_requested")
            .Gives<AdoptionReportAnswer>(200).Gives<ClienteAndOperation>(202).Sends(202, HeaderNames.Location)
            .Refuses(403, "password_wrong").Refuses(404, "tenant_unknown").Refuses(409, Refusals)
            .Refuses(422, "invalid_input").Refuses(429, "inspection_running");
        api.MapPost("clientes/adopt/many", AdoptManyAsync).WithName("adoptMany").Right(Rights.TenantsAdoptMany)
            .Takes<AdoptManyRequest>().Idempotent(Replays.OperationAsync, "tenants.adopt_requested")
            .Gives<OperationAnswer>(202).Sends(202, HeaderNames.Location).Refuses(403, "password_wrong")
            .Refuses(409, "nothing_to_adopt", "operation_running", "read_only", "audit_closed")
            .Refuses(422, "invalid_input");
        api.MapGet("clientes/{id:int}/adoption", GetAsync).WithName("getAdoption").Right(Rights.TenantsView)
            .Gives<AdoptionAnswer>(200).Refuses(404, "not_adopted");
        api.MapPost("clientes/{id:int}/adoption/confirm", ConfirmAsync).WithName("confirmAdoption")
            .Right(TenantAction.ConfirmAdoption.Right).Idempotent(Replays.ClienteAsync, "tenant.adoption_confirmed")
            .Gives<Cliente>(200).Refuses(404, "tenant_unknown")
            .Refuses(409, "not_adopted", "adoption_confirmed", "adoption_unfinished", "not_ready", "read_only",
                "audit_closed");
        api.MapPost("clientes/{id:int}/adoption/undo", UndoAsync).WithName("undoAdoption")
            .Right(TenantAction.UndoAdoption.Right).Takes<UndoAdoptionRequest>()
            .Idempotent(Replays.ClienteAsync, "tenant.adoption_undo_requested")
            .Gives<ClienteAndOperation>(202).Sends(202, HeaderNames.Location).Refuses(404, "tenant_unknown")
            .Refuses(409, "not_adopted", "adoption_confirmed", "adoption_unfinished", "not_ready",
                "operation_running", "read_only", "audit_closed").Refuses(422, "invalid_input");
        api.MapPost("clientes/{id:int}/adoption/complete", CompleteAsync).WithName("completeAdoption")
            .Right(TenantAction.CompleteAdoption.Right).Query(DryRun)
            .Idempotent(Replays.ClienteAsync, "tenant.adoption_completion_requested")
            .Gives<CompletionAnswer>(200).Gives<ClienteAndOperation>(202).Sends(202, HeaderNames.Location)
            .Refuses(404, "tenant_unknown")
            .Refuses(409, "not_adopted", "adoption_not_confirmed", "adoption_completed", "adoption_unfinished",
                "not_ready", "operation_running", "database_not_ours", "database_missing", "database_unreachable",
                "read_only", "audit_closed")
            .Refuses(429, "inspection_running");
    }

    private static async Task<IResult> AdoptAsync(
        Caller caller, QueryValues query, Body<AdoptRequest> body, HttpContext context, AdoptionService adoption,
        CancellationToken cancellationToken)
    {
        var request = body.Value;
        if (query.Boolean("dry_run") == true)
        {
            return Results.Ok(AdoptionReportAnswer.Of(
                await adoption.InspectAsync(caller.Actor, request.DbName, cancellationToken)));
        }

        var answers = context.RequestServices.GetRequiredService<ClienteAnswers>();
        if (request.DbName is { } name
            && await adoption.FindTenantAsync(caller.Actor, name.Trim(), cancellationToken) is { } id)
        {
            return await answers.AcceptedAsync(caller, id,
                await adoption.AdoptAsync(caller.Actor, id, request.ToRequest(), cancellationToken), cancellationToken);
        }

        var registered = await RegisterAsync(caller, request, context.RequestServices, cancellationToken);
        return await answers.AcceptedAsync(
            caller, registered.TenantId, registered.OperationId!.Value, cancellationToken);
    }

    private static async Task<RegisteredTenant> RegisterAsync(
        Caller caller, AdoptRequest request, IServiceProvider services, CancellationToken cancellationToken)
    {
        var details = new TenantDetails
        {
            LegalName = request.RazonSocial,
            AccessEmail = request.CorreoAcceso,
            Plan = request.Plan,
            Environment = request.Entorno ?? TenantEnvironments.Production,
        };
        return await services.GetRequiredService<AdoptedRegistration>().RegisterAsync(
            caller.Actor, request.DbName, new RegisterTenant
            {
                Ruc = request.Ruc,
                Subdomain = request.Subdominio,
                Provision = false,
                Details = details,
            }, request.ToRequest(), cancellationToken);
    }

    private static async Task<IResult> AdoptClienteAsync(
        Caller caller, int id, QueryValues query, Body<AdoptClienteRequest> body, AdoptionService adoption,
        ClienteAnswers answers, CancellationToken cancellationToken) =>
        query.Boolean("dry_run") == true
            ? Results.Ok(AdoptionReportAnswer.Of(
                await adoption.InspectTenantAsync(caller.Actor, id, cancellationToken)))
            : await answers.AcceptedAsync(caller, id,
                await adoption.AdoptAsync(caller.Actor, id, body.Value.ToRequest(), cancellationToken),
                cancellationToken);

    private static async Task<IResult> AdoptManyAsync(
        Caller caller, Body<AdoptManyRequest> body, FleetAdoption fleet, OperationService operations,
        CancellationToken cancellationToken)
    {
        var id = await fleet.StartAsync(caller.Actor, body.Value.Ids, body.Value.ToRequest(), cancellationToken);
        return Results.Accepted(ApiUrls.Operation(id),
            OperationAnswer.Of(await operations.GetAsync(caller.Reader, id, cancellationToken)));
    }

    private static async Task<IResult> GetAsync(
        Caller caller, int id, AdoptionFollowUps followUps, TimeProvider time, CancellationToken cancellationToken) =>
        Results.Ok(AdoptionAnswer.Of(
            await followUps.FindAsync(caller.Actor, id, cancellationToken)
                ?? throw new NotFoundException("not_adopted"), time.GetUtcNow()));

    private static async Task<IResult> ConfirmAsync(
        Caller caller, int id, AdoptionFollowUps followUps, ClienteAnswers answers,
        CancellationToken cancellationToken)
    {
        await followUps.ConfirmAsync(caller.Actor, id, cancellationToken);
        return Results.Ok(await answers.ReadAsync(caller, id, cancellationToken));
    }

    private static async Task<IResult> UndoAsync(
        Caller caller, int id, Body<UndoAdoptionRequest> body, AdoptionFollowUps followUps, ClienteAnswers answers,
        CancellationToken cancellationToken) =>
        await answers.AcceptedAsync(caller, id,
            await followUps.UndoAsync(caller.Actor, id, body.Value.Reason, cancellationToken), cancellationToken);

    private static async Task<IResult> CompleteAsync(
        Caller caller, int id, QueryValues query, AdoptionFollowUps followUps, ClienteAnswers answers,
        CancellationToken cancellationToken) =>
        query.Boolean("dry_run") == true
            ? Results.Ok(new CompletionAnswer(
                await followUps.PlanCompletionAsync(caller.Actor, id, cancellationToken)))
            : await answers.AcceptedAsync(caller, id,
                await followUps.CompleteAsync(caller.Actor, id, cancellationToken), cancellationToken);
}
