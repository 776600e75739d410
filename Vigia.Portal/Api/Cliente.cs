using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;

namespace Vigia.Portal.Api;

/// <summary>
/// A tenant as the HTTP API shows it: the columns of <c>clientes_saas</c> under their own names, and computed values.
/// </summary>
internal record Cliente
{
    public int Id { get; init; }
    public string? Ruc { get; init; }
    public string? RazonSocial { get; init; }
    public string? Subdominio { get; init; }
    public string? DbName { get; init; }
    public string? CorreoAcceso { get; init; }
    public string? ContactoNombre { get; init; }
    public string? Plan { get; init; }
    public string? Entorno { get; init; }
    public bool IsActive { get; init; }
    [JsonConverter(typeof(JsonOfAnyDepth))]
    public JsonElement Config { get; init; }
    public bool LimitarEmision { get; init; }
    public int? MaxComprobantes { get; init; }
    public int? MaxUsuarios { get; init; }
    public int? MaxEstablecimientos { get; init; }
    public required string State { get; init; }
    public required string Status { get; init; }
    public string? InactiveKind { get; init; }
    public string? InactiveReasonCode { get; init; }
    public string? InactiveReason { get; init; }
    public DateTimeOffset? InactiveSince { get; init; }
    public int? SchemaVersion { get; init; }
    public string? Url { get; init; }

    /// <summary>Whether the portal recognises the database as its own by its marker.</summary>
    public bool Managed { get; init; }

    /// <summary>Whether its row is older than the portal and breaks a rule. It works as before.</summary>
    public bool NeedsCorrection { get; init; }

    /// <summary>How far the adoption of its database is; null for a database that the portal created.</summary>
    public string? Adoption { get; init; }

    /// <summary>Why its database can't be used although it is there. Null when it can.</summary>
    public ClienteRefusal? DatabaseRefusal { get; init; }
    public bool IsDemo { get; init; }
    public bool IsUnlimited { get; init; }
    public bool LimitsApplied { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>A tenant in the registry or in the trash. Null for a purged one.</summary>
    public static Cliente? Of(TenantLookup lookup) => lookup switch
    {
        { View: { } view } => Of(view),
        { Trashed: { } trashed } => Of(trashed),
        _ => null,
    };

    public static Cliente Of(TenantView view) =>
        Fill(new Cliente { State = Code(view.Row.State), Status = TenantStatuses.CodeOf(view.Status) }, view);

    /// <summary>A tenant in the trash, from its saved row.</summary>
    public static Cliente Of(TrashedTenant trashed)
    {
        var row = JsonElement.Parse(trashed.Row, StorableJson.AnyDepth);
        var (users, establishments, documents, limits) =
            (Number("max_usuarios"), Number("max_establecimientos"), Number("max_comprobantes"),
            Flag("limitar_emision"));
        return new Cliente
        {
            Id = trashed.Id,
            Ruc = trashed.Ruc,
            RazonSocial = trashed.LegalName,
            Subdominio = trashed.Subdomain,
            DbName = trashed.DatabaseName,
            CorreoAcceso = Text("correo_acceso"),
            ContactoNombre = Text("contacto_nombre"),
            Plan = trashed.Plan,
            Entorno = trashed.Environment,
            Config = Value("config") is { ValueKind: not JsonValueKind.Null } config ? config : Json(null),
            LimitarEmision = limits,
            MaxComprobantes = documents,
            MaxUsuarios = users,
            MaxEstablecimientos = establishments,
            State = TenantStatuses.CodeOf(TenantStatus.Trashed),
            Status = TenantStatuses.CodeOf(TenantStatus.Trashed),
            SchemaVersion = Number("schema_version"),
            Managed = Text("state") != "unmanaged",
            IsDemo = trashed.Environment == TenantEnvironments.Demo,
            IsUnlimited = users is null && establishments is null && (!limits || documents is null),
            LimitsApplied = (Number("limits_applied_revision") ?? 0) >= (Number("limits_revision") ?? 0),
            ExpiresAt = Time("expires_at"),
            CreatedAt = Time("created_at") ?? trashed.DeletedAt,
            UpdatedAt = trashed.DeletedAt,
        };

        // The columns are those that the table had. A value of another type, or outside the times of .NET, is left out:
        // one row must not end the list of all.
        JsonElement? Value(string column) => row.TryGetProperty(column, out var value) ? value : null;
        string? Text(string column) =>
            Value(column) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
        int? Number(string column) =>
            Value(column) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var n) ? n : null;
        bool Flag(string column) => Value(column) is { ValueKind: JsonValueKind.True };
        DateTimeOffset? Time(string column) => Text(column) switch
        {
            "infinity" => DateTimeOffset.MaxValue,
            "-infinity" => DateTimeOffset.MinValue,
            var text => DateTimeOffset.TryParse(
                text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var time) ? time : null,
        };
    }

    /// <summary>A state or kind as it is written in JSON.</summary>
    public static string Code<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    protected static T Fill<T>(T cliente, TenantView view)
        where T : Cliente
    {
        var row = view.Row;
        return cliente with
        {
            Id = row.Id,
            Ruc = row.Ruc,
            RazonSocial = row.LegalName,
            Subdominio = row.Subdomain,
            DbName = row.DatabaseName,
            CorreoAcceso = row.AccessEmail,
            ContactoNombre = row.ContactName,
            Plan = row.Plan,
            Entorno = row.Environment,
            IsActive = row.IsActive,
            Config = Json(row.Config),
            LimitarEmision = row.LimitIssuance,
            MaxComprobantes = row.MaxDocuments,
            MaxUsuarios = row.MaxUsers,
            MaxEstablecimientos = row.MaxEstablishments,
            InactiveKind = row.InactiveKind is { } kind ? Code(kind) : null,
            InactiveReasonCode = row.InactiveReasonCode,
            InactiveReason = row.InactiveReason,
            InactiveSince = row.InactiveSince,
            SchemaVersion = row.SchemaVersion,
            Url = view.Url,
            Managed = row.State != TenantState.Unmanaged,
            NeedsCorrection = view.Corrections.Count > 0,
            Adoption = view.AdoptionStage == AdoptionStage.None ? null : Code(view.AdoptionStage),
            DatabaseRefusal = ClienteRefusal.Of(view),
            IsDemo = view.IsDemo,
            IsUnlimited = view.IsUnlimited,
            LimitsApplied = view.LimitsApplied,
            ExpiresAt = row.ExpiresAt,
            CreatedAt = row.CreatedAt,
            UpdatedAt = row.UpdatedAt,
        };
    }

    private static JsonElement Json(string? config) =>
        JsonElement.Parse(string.IsNullOrWhiteSpace(config) ? "{}" : config, StorableJson.AnyDepth);
}

/// <summary>Why a tenant's database refuses sessions.</summary>
/// <param name="Code">The reason.</param>
/// <param name="Remedy">
/// The SQL statement that mends it, for an administrator of PostgreSQL. Null when there is none.
/// </param>
internal sealed record ClienteRefusal(string Code, string? Remedy)
{
    public static ClienteRefusal? Of(TenantView view) =>
        view is { Row.State: TenantState.Ready or TenantState.Unmanaged, Condition: DatabaseCondition.Unreachable }
            ? new ClienteRefusal(Cliente.Code(view.Database!.Refusal!.Value), view.Database.Remedy) : null;
}

/// <summary>One tenant with its usage.</summary>
internal sealed record ClienteDetail : Cliente
{
    /// <summary>Null while there is no database, or before its content was first counted.</summary>
    public ClienteUsage? Usage { get; init; }

    public static ClienteDetail Of(TenantView view, TenantContent? content) => Fill(new ClienteDetail
    {
        State = Code(view.Row.State),
        Status = TenantStatuses.CodeOf(view.Status),
        Usage = content is null ? null
            : new ClienteUsage(content.ActiveUsers, content.Users, content.Cases, content.LastCaseAt,
            content.Connections, view.SizeBytes, content.ActiveEstablishments, content.DocumentsThisMonth,
            content.CountedAt),
    }, view);
}

/// <summary>The content of a tenant's database when it was last counted.</summary>
/// <param name="ActiveUsers">Users that count against <c>max_usuarios</c>.</param>
/// <param name="Users">All users.</param>
/// <param name="Cases">Cases (ICSR).</param>
/// <param name="LastCaseAt">The time when the newest case was created.</param>
/// <param name="Connections">Sessions in the database.</param>
/// <param name="ActiveEstablishments">
/// Establishments that count against <c>max_establecimientos</c>. Null in a database of an older schema version.
/// </param>
/// <param name="DocumentsThisMonth">
/// Documents that count against <c>max_comprobantes</c>. Null in a database of an older schema version.
/// </param>
/// <param name="CountedAt">When the figures were counted.</param>
internal sealed record ClienteUsage(
    long ActiveUsers, long Users, long Cases, DateTimeOffset? LastCaseAt, long Connections, long? SizeBytes,
    long? ActiveEstablishments, long? DocumentsThisMonth, DateTimeOffset CountedAt);

/// <summary>A tenant and the operation that was started on it.</summary>
/// <param name="Cliente">The current tenant. Null when the operation has already purged it.</param>
/// <param name="Operation">The operation. Null when there is none.</param>
internal sealed record ClienteAndOperation(Cliente? Cliente, OperationAnswer? Operation);

/// <summary>A page of a list.</summary>
/// <param name="Total">How many match, counted up to 10,000.</param>
/// <param name="TotalIsExact">Whether no more match than that.</param>
internal sealed record ListAnswer<T>(
    IReadOnlyList<T> Items, int Total, bool TotalIsExact, int Page, int PageSize);

/// <summary>Makes answers of pages.</summary>
internal static class ListAnswers
{
    public static ListAnswer<T> Of<TRow, T>(ListPage<TRow> page, Func<TRow, T> answer) =>
        new([.. page.Items.Select(answer)], page.Total, page.TotalIsExact, page.Page, page.PageSize);
}
