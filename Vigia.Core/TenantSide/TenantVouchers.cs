using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.TenantSide;

/// <summary>A commercial document of a tenant, given or read.</summary>
public sealed record TenantVoucher
{
    public int Id { get; init; }
    public int? EstablecimientoId { get; init; }
    public string? Tipo { get; init; }
    public string? Serie { get; init; }
    public int? Numero { get; init; }
    public DateOnly? FechaEmision { get; init; }
    public string? Moneda { get; init; }
    public decimal? Subtotal { get; init; }
    public decimal? Igv { get; init; }
    public decimal? Total { get; init; }
    public string? Estado { get; init; }
    public DateTimeOffset? EmitidoEn { get; init; }
    public DateTimeOffset CreatedAt { get; init; }

    internal static TenantVoucher Of(Voucher voucher) => new()
    {
        Id = voucher.Id, EstablecimientoId = voucher.EstablecimientoId, Tipo = voucher.Tipo, Serie = voucher.Serie,
        Numero = voucher.Numero, FechaEmision = voucher.FechaEmision, Moneda = voucher.Moneda,
        Subtotal = voucher.Subtotal, Igv = voucher.Igv, Total = voucher.Total, Estado = voucher.Estado,
        EmitidoEn = voucher.EmitidoEn, CreatedAt = voucher.CreatedAt,
    };
}

/// <summary>The commercial documents of a tenant, for its own users.</summary>
public sealed partial class TenantVouchers(TenantUserSessions sessions)
{
    public const string ListPermission = "comprobantes:list";
    public const string CreatePermission = "comprobantes:create";

    /// <summary>The kinds of documents, as the database accepts them.</summary>
    public static readonly IReadOnlyList<string> Kinds =
        ["factura", "boleta", "nota_credito", "nota_debito", "guia_remision"];

    /// <summary>The states in which a document can be made. It is annulled later.</summary>
    public static readonly IReadOnlyList<string> FirstStates = ["borrador", "emitido"];

    // numeric(14, 2)
    private const decimal MostMoney = 999_999_999_999.99m;

    // Any other year is a typing error. The text of voucher_year has both limits.
    private const int FirstYear = 2000;
    private const int LastYear = 2100;

    private static readonly Dictionary<string, string> Taken = new()
    {
        ["comprobantes_tipo_serie_numero_key"] = "voucher_number_taken",
    };

    /// <summary>Lists documents by id.</summary>
    /// <exception cref="ForbiddenException">The caller lacks the permission.</exception>
    public async Task<TenantList<TenantVoucher>> ListAsync(
        TenantCaller caller, int page, int pageSize, CancellationToken cancellationToken)
    {
        await using var session = await sessions.OpenAsync(caller, ListPermission, cancellationToken);
        var rows = await TenantList<Voucher>.ReadAsync(
            session.Db.Set<Voucher>().AsNoTracking().OrderBy(v => v.Id), page, pageSize, cancellationToken);
        return new TenantList<TenantVoucher>(
            [.. rows.Items.Select(TenantVoucher.Of)], rows.Total, rows.Page, rows.PageSize)
        {
            TotalIsExact = rows.TotalIsExact,
        };
    }

    /// <summary>Adds a draft, or issues a document.</summary>
    /// <exception cref="ForbiddenException">The caller lacks the permission.</exception>
    /// <exception cref="InvalidInputException">Errors by field.</exception>
    /// <exception cref="RuleException"><c>voucher_number_taken</c>.</exception>
    public async Task<TenantVoucher> CreateAsync(
        TenantCaller caller, TenantVoucher wanted, CancellationToken cancellationToken)
    {
        await using var session = await sessions.OpenToChangeAsync(caller, CreatePermission, cancellationToken);
        var errors = new FieldErrors();
        errors.Range("numero", wanted.Numero, 1, 99_999_999, isRequired: true);
        errors.Add("fecha_emision", wanted.FechaEmision is not { } date ? new Message("field_required")
            : date.Year is >= FirstYear and <= LastYear ? null
            : new Message("voucher_year"));
        foreach (var (field, amount) in new[]
            { ("subtotal", wanted.Subtotal), ("igv", wanted.Igv), ("total", wanted.Total) })
        {
            errors.Range(field, amount, 0, MostMoney);
            errors.Add(field, amount is { } money && decimal.Round(money, 2) != money
                ? new Message("amount_decimals") : null);
        }

        var voucher = new Voucher
        {
            EstablecimientoId = wanted.EstablecimientoId,
            Tipo = errors.Choice("tipo", wanted.Tipo, Kinds, null),
            Serie = errors.Text("serie", wanted.Serie, 4, isRequired: true) ?? "",
            Numero = wanted.Numero ?? 0,
            FechaEmision = wanted.FechaEmision ?? default,
            Moneda = errors.Text("moneda", wanted.Moneda, 3) ?? "PEN",
            Subtotal = wanted.Subtotal, Igv = wanted.Igv, Total = wanted.Total,
            Estado = errors.Choice("estado", wanted.Estado, FirstStates, "borrador"),
        };
        errors.Add("moneda", Currency().IsMatch(voucher.Moneda) ? null : new Message("currency_form"));
        if (wanted.EstablecimientoId is { } site
            && !await session.Db.Set<Establishment>().AnyAsync(e => e.Id == site, cancellationToken))
        {
            errors.Add("establecimiento_id", new Message("reference_unknown"));
        }

        errors.Demand();
        await session.AddAsync(voucher, Taken, cancellationToken);
        return TenantVoucher.Of(voucher);
    }

    [GeneratedRegex("^[A-Z]{3}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Currency();
}
