using Microsoft.Net.Http.Headers;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Plans;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;
using Vigia.Portal.Components.Transport;

namespace Vigia.Portal.Api;

/// <summary>The endpoints of the registry: list, read, register and change tenants.</summary>
internal static class ClientesEndpoints
{
    /// <summary>The filters of the list.</summary>
    internal static readonly QueryParameter[] Filters =
    [
        new("q"), new("plan"), new("entorno") { Choices = TenantEnvironments.All }, new("is_active", QueryType.Boolean),
        new("managed", QueryType.Boolean),
        new("state") { Choices = [.. Enum.GetValues<TenantStatus>().Select(TenantStatuses.CodeOf)] },
        new("order_by") { Choices = [.. Enum.GetValues<TenantOrder>().Select(Name)],
            Default = Name(TenantOrder.LegalName) }, new("order_dir") { Choices = ["asc", "desc"], Default = "asc" },
    ];

    private static readonly string[] NotInTrash = ["plan", "entorno", "is_active", "managed"];

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("clientes", ListAsync).WithName("listClientes").Right(Rights.TenantsView)
            .Query([.. Filters, QueryParameter.Page, QueryParameter.PageSize]).Gives<ListAnswer<Cliente>>(200)
                .Refuses(422, "invalid_input");
        api.MapGet("clientes/export", ExportAsync).WithName("exportClientes").Right(Rights.TenantsExport)
            .Query(Filters).WithMetadata(new Answer(200, null, "text/csv")).Refuses(409, "read_only", "audit_closed")
                .Refuses(422, "invalid_input");
        api.MapPost("clientes", RegisterAsync).WithName("createCliente").Right(Rights.TenantsCreate).Takes<NewCliente>()
            .Idempotent(Replays.NewClienteAsync, "tenant.created")
            .Gives<ClienteAndOperation>(202).Sends(202, HeaderNames.Location).Gives<ClienteAndOperation>(201)
                .Sends(201, HeaderNames.Location)
                .Refuses(409, "ruc_taken", "subdominio_taken", "subdominio_kept", "db_name_taken", "read_only",
                "audit_closed")
                .Refuses(422, "invalid_input");
        api.MapGet("clientes/{id:int}", GetAsync).WithName("getCliente").Right(Rights.TenantsView)
            .WithMetadata(new Tagged(), new Heeds(HeaderNames.IfMatch), new Heeds(HeaderNames.IfNoneMatch))
            .Gives<ClienteDetail>(200).Sends(200, HeaderNames.ETag).WithMetadata(new Answer(304, null))
                .Sends(304, HeaderNames.ETag).Refuses(404, "tenant_unknown").Refuses(412, "version_differs");
        api.MapPatch("clientes/{id:int}", ChangeAsync).WithName("updateCliente").Right(TenantAction.Edit.Right)
            .Takes<ClienteFields>()
            .Idempotent(Replays.ChangedClienteAsync, "tenant.updated")
            .Gives<Cliente>(200).Sends(200, HeaderNames.ETag).Refuses(404, "tenant_unknown")
                .Refuses(409, "changed_meanwhile", "changed_meanwhile_outside", "not_ready", "read_only",
                "audit_closed")
            .Refuses(422, "invalid_input");
    }

    /// <summary>The filter of a list, without its page.</summary>
    internal static TenantQuery Filter(QueryValues query) => new()
    {
        Q = query.Text("q"),
        Plan = query.Text("plan"),
        Environment = query.Text("entorno"),
        IsActive = query.Boolean("is_active"),
        IsManaged = query.Boolean("managed"),
        Status = TenantStatuses.Parse(query.Text("state")),
        OrderBy = query.Text("order_by") is { } order ? Enum.GetValues<TenantOrder>()
            .Single(o => Name(o) == order) : TenantOrder.LegalName,
        Descending = query.Text("order_dir") == "desc",
    };

    private static async Task<IResult> ListAsync(
        Caller caller, QueryValues query, TenantSearch search, TrashService trash, CancellationToken cancellationToken)
    {
        if (TenantStatuses.Parse(query.Text("state")) == TenantStatus.Trashed)
        {
            // Ignored, they would answer with tenants that were not asked for.
            if (NotInTrash.FirstOrDefault(query.Has) is { } name)
            {
                throw new InvalidInputException(name, new Message("parameter_not_in_trash"));
            }

            var trashed = await trash.SearchAsync(
                caller.Actor, query.Text("q"), query.Page, query.PageSize, cancellationToken);
            return Results.Ok(ListAnswers.Of(trashed, Cliente.Of));
        }

        var page = await search.SearchAsync(
            caller.Actor, Filter(query) with { Page = query.Page, PageSize = query.PageSize }, cancellationToken);
        return Results.Ok(ListAnswers.Of(page, Cliente.Of));
    }

    private static async Task ExportAsync(
        Caller caller, QueryValues query, HttpResponse response, TenantExport export, TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (TenantStatuses.Parse(query.Text("state")) == TenantStatus.Trashed)
        {
            throw new InvalidInputException("state", new Message("export_not_trash"));
        }

        response.ContentType = "text/csv; charset=utf-8";
        response.Headers.ContentDisposition =
            $"attachment; filename=\"clientes-{LimaTime.In(time.GetUtcNow()):yyyyMMdd-HHmm}.csv\"";
        if (!HeadRequests.IsHead(response.HttpContext))
        {
            await export.WriteCsvAsync(caller.Actor, Filter(query), response.Body, cancellationToken);
        }
    }

    private static async Task<IResult> RegisterAsync(
        Caller caller, Body<NewCliente> body, TenantRegistration registration, PlanCatalog plans,
        ClienteAnswers answers, CancellationToken cancellationToken)
    {
        var request = body.Value.ToRequest();
        if (await plans.FindAsync(caller.Reader, request.Details.Plan, cancellationToken) is { } plan)
        {
            request = request with { Details = request.Details.WithLimitsOf(plan, body.Has) };
        }

        var registered = await registration.RegisterAsync(caller.Actor, request, cancellationToken);
        return registered.OperationId is { } operation
            ? await answers.AcceptedAsync(caller, registered.TenantId, operation, cancellationToken)
            : await answers.CreatedAsync(caller, registered.TenantId, cancellationToken);
    }

    private static async Task<IResult> GetAsync(
        Caller caller, int id, HttpResponse response, TenantSearch search, TenantContents contents,
        CancellationToken cancellationToken)
    {
        var found = await search.GetAsync(caller.Actor, id, cancellationToken);
        if (found.View is not { } view)
        {
            return Results.Ok(Cliente.Of(found) ?? throw new NotFoundException("tenant_unknown"));
        }

        response.Headers.ETag = EntityTags.Of(view.Row.Version);
        return Results.Ok(ClienteDetail.Of(view, await contents.ReadAsync(caller.Actor, id, cancellationToken)));
    }

    private static async Task<IResult> ChangeAsync(
        Caller caller, int id, Body<ClienteFields> body, HttpContext context, TenantSearch search,
        TenantEditing editing, PlanCatalog plans, CancellationToken cancellationToken)
    {
        var row = (await search.GetAsync(caller.Reader, id, cancellationToken)).View?.Row
            ?? throw new NotFoundException("tenant_unknown");
        var seen = TenantDetails.Of(row);

        // A null for config empties it, as it does for any other field.
        var wanted = body.ApplyTo(ClienteFields.Of(seen)).ToDetails(body.Has("config") ? "{}" : seen.Config);
        if (wanted.Plan != seen.Plan
            && await plans.FindAsync(caller.Reader, wanted.Plan, cancellationToken) is { } plan)
        {
            wanted = wanted.WithLimitsOf(plan, body.Has);
        }

        await editing.UpdateAsync(caller.Actor, id, seen, wanted, cancellationToken);
        var now = (await search.GetAsync(caller.Reader, id, cancellationToken)).View
            ?? throw new NotFoundException("tenant_unknown");
        context.Response.Headers.ETag = EntityTags.Of(now.Row.Version);
        return Results.Ok(Cliente.Of(now));
    }

    // The names of the columns. An order without a column of its own has its name in JSON.
    private static string Name(TenantOrder order) => order switch
    {
        TenantOrder.LegalName => "razon_social",
        TenantOrder.Subdomain => "subdominio",
        _ => Cliente.Code(order),
    };
}
