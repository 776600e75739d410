using Microsoft.Net.Http.Headers;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Operations;

namespace Vigia.Portal.Api;

/// <summary>
/// The endpoints of the tenants' databases: how their schema versions compare with this build's, and their upgrade.
/// </summary>
internal static class DatabasesEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("databases", ListAsync).WithName("listDatabases").Right(Rights.TenantsView)
            .Query(new("q"), new("schema") { Choices = [.. Enum.GetValues<SchemaStanding>().Select(Cliente.Code)] },
                QueryParameter.Page, QueryParameter.PageSize)
            .Gives<ListAnswer<DatabaseAnswer>>(200).Refuses(422, "invalid_input");
        api.MapPost("databases/migrate", MigrateManyAsync).WithName("migrateDatabases")
            .Right(Rights.TenantsSchemaMigrate).TakesOptionally<MigrateRequest>()
            .Idempotent(Replays.OperationAsync, "tenants.schema_upgrade_requested")
            .Gives<OperationAnswer>(202).Sends(202, HeaderNames.Location)
                .Refuses(409, "nothing_to_migrate", "upgrade_running", "read_only", "audit_closed")
                .Refuses(422, "invalid_input");
        api.MapPost("clientes/{id:int}/migrate", MigrateAsync).WithName("migrateCliente")
            .Right(Rights.TenantsSchemaMigrate).Idempotent(Replays.ClienteAsync, "tenant.schema_upgrade_requested")
            .Gives<ClienteAndOperation>(202).Sends(202, HeaderNames.Location).Refuses(404, "tenant_unknown")
            .Refuses(409, "is_provisioning", "is_deleting", "provisioning_failed", "never_provisioned",
                "tenant_unmanaged", "is_trashed", "read_only", "audit_closed");
    }

    private static async Task<IResult> ListAsync(
        Caller caller, QueryValues query, SchemaOverview fleet, CancellationToken cancellationToken)
    {
        var page = await fleet.ListAsync(caller.Actor, new SchemaQuery
        {
            Q = query.Text("q"),
            Standing = query.Text("schema") is { } standing ? Enum.GetValues<SchemaStanding>()
                .Single(s => Cliente.Code(s) == standing) : null,
            Page = query.Page,
            PageSize = query.PageSize,
        }, cancellationToken);
        return Results.Ok(ListAnswers.Of(page, row => DatabaseAnswer.Of(row, fleet.Head)));
    }

    private static async Task<IResult> MigrateManyAsync(
        Caller caller, Body<MigrateRequest> body, SchemaUpgradeService upgrade, OperationService operations,
        CancellationToken cancellationToken)
    {
        var id = await upgrade.StartAsync(caller.Actor, body.Value.Ids, cancellationToken);
        return Results.Accepted(
            ApiUrls.Operation(id), OperationAnswer.Of(await operations.GetAsync(caller.Reader, id, cancellationToken)));
    }

    private static async Task<IResult> MigrateAsync(
        Caller caller, int id, SchemaUpgradeService upgrade, ClienteAnswers answers,
        CancellationToken cancellationToken) =>
        await answers.AcceptedAsync(
            caller, id, await upgrade.StartOneAsync(caller.Actor, id, cancellationToken), cancellationToken);
}

/// <summary>Upgrades databases.</summary>
internal sealed record MigrateRequest
{
    /// <summary>The ids of the tenants. All tenants that are behind when absent.</summary>
    public IReadOnlyList<int>? Ids { get; init; }
}

/// <summary>A tenant's database.</summary>
internal sealed record DatabaseAnswer(
    int TenantId, string? RazonSocial, string? Ruc, string? Subdominio, string DbName, int SchemaVersion,
    int HeadVersion, string Schema, Said? NotNow, bool LimitsApplied,
    DateTimeOffset SchemaChangedAt)
{
    public static DatabaseAnswer Of(DatabaseRow row, int head) => new(
        row.TenantId, row.LegalName, row.Ruc, row.Subdomain, row.DatabaseName, row.Version, head,
        Cliente.Code(row.Standing),
        Said.Of(row.Refusal is { } why ? new Message(why) : null), row.LimitsApplied, row.ChangedAt);
}
