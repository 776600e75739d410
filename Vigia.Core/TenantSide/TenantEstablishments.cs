using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Text;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.TenantSide;

/// <summary>An establishment of a tenant, given or read.</summary>
public sealed record TenantSite
{
    public int Id { get; init; }
    public string? Codigo { get; init; }
    public string? Nombre { get; init; }
    public string? Tipo { get; init; }
    public string? Direccion { get; init; }
    public string? Ubigeo { get; init; }
    public string? Departamento { get; init; }
    public string? Provincia { get; init; }
    public string? Distrito { get; init; }
    public string? Telefono { get; init; }
    public string? Correo { get; init; }
    public bool IsActive { get; init; }
    public DateTimeOffset CreatedAt { get; init; }

    internal static TenantSite Of(Establishment site) => new()
    {
        Id = site.Id, Codigo = site.Codigo, Nombre = site.Nombre, Tipo = site.Tipo, Direccion = site.Direccion,
        Ubigeo = site.Ubigeo, Departamento = site.Departamento, Provincia = site.Provincia, Distrito = site.Distrito,
        Telefono = site.Telefono, Correo = site.Correo, IsActive = site.IsActive, CreatedAt = site.CreatedAt,
    };
}

/// <summary>The establishments of a tenant, for its own users.</summary>
public sealed partial class TenantEstablishments(TenantUserSessions sessions)
{
    public const string ListPermission = "establecimientos:list";
    public const string CreatePermission = "establecimientos:create";

    /// <summary>The kinds of establishments, as the database accepts them.</summary>
    public static readonly IReadOnlyList<string> Kinds =
    [
        "laboratorio", "drogueria", "botica", "farmacia", "farmacia_hospitalaria", "almacen", "oficina", "otro",
    ];

    private static readonly Dictionary<string, string> Taken = new()
    {
        ["establecimientos_codigo_key"] = "establishment_code_taken",
    };

    /// <summary>Lists establishments by id.</summary>
    /// <exception cref="ForbiddenException">The caller lacks the permission.</exception>
    public async Task<TenantList<TenantSite>> ListAsync(
        TenantCaller caller, int page, int pageSize, CancellationToken cancellationToken)
    {
        await using var session = await sessions.OpenAsync(caller, ListPermission, cancellationToken);
        var rows = await TenantList<Establishment>.ReadAsync(
            session.Db.Set<Establishment>().AsNoTracking().OrderBy(e => e.Id), page, pageSize, cancellationToken);
        return new TenantList<TenantSite>([.. rows.Items.Select(TenantSite.Of)], rows.Total, rows.Page, rows.PageSize)
        {
            TotalIsExact = rows.TotalIsExact,
        };
    }

    /// <summary>Adds an active establishment.</summary>
    /// <exception cref="ForbiddenException">The caller lacks the permission.</exception>
    /// <exception cref="InvalidInputException">Errors by field.</exception>
    /// <exception cref="RuleException"><c>establishment_code_taken</c>.</exception>
    public async Task<TenantSite> CreateAsync(
        TenantCaller caller, TenantSite wanted, CancellationToken cancellationToken)
    {
        await using var session = await sessions.OpenToChangeAsync(caller, CreatePermission, cancellationToken);
        var errors = new FieldErrors();
        var site = new Establishment
        {
            Codigo = errors.Text("codigo", wanted.Codigo, 20),
            Nombre = errors.Text("nombre", wanted.Nombre, 255, isRequired: true) ?? "",
            Tipo = errors.Choice("tipo", wanted.Tipo, Kinds, "laboratorio"),
            Direccion = errors.Text("direccion", wanted.Direccion, 255),
            Ubigeo = errors.Text("ubigeo", wanted.Ubigeo, 6),
            Departamento = errors.Text("departamento", wanted.Departamento, 100),
            Provincia = errors.Text("provincia", wanted.Provincia, 100),
            Distrito = errors.Text("distrito", wanted.Distrito, 100),
            Telefono = errors.Text("telefono", wanted.Telefono, 50),
            Correo = errors.Text("correo", wanted.Correo, 255),
        };
        errors.Add("ubigeo", site.Ubigeo is null || SixDigits().IsMatch(site.Ubigeo) ? null
            : new Message("ubigeo_form"));
        errors.Add("correo", site.Correo is null ? null : EmailAddress.Problem(site.Correo));
        errors.Demand();
        await session.AddAsync(site, Taken, cancellationToken);
        return TenantSite.Of(site);
    }

    [GeneratedRegex("^[0-9]{6}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex SixDigits();
}
