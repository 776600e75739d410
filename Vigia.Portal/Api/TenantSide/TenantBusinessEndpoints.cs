using Vigia.Core.TenantSide;

namespace Vigia.Portal.Api.TenantSide;

/// <summary>A new establishment.</summary>
internal sealed record NewEstablecimiento
{
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
}

/// <summary>An establishment.</summary>
internal sealed record EstablecimientoAnswer(
    int Id, string? Codigo, string Nombre, string Tipo, string? Direccion, string? Ubigeo, string? Departamento,
    string? Provincia, string? Distrito, string? Telefono, string? Correo, bool IsActive, DateTimeOffset CreatedAt)
{
    public static EstablecimientoAnswer Of(TenantSite site) => new(
        site.Id, site.Codigo, site.Nombre!, site.Tipo!, site.Direccion, site.Ubigeo, site.Departamento, site.Provincia,
        site.Distrito, site.Telefono, site.Correo, site.IsActive, site.CreatedAt);
}

/// <summary>A new document.</summary>
internal sealed record NewComprobante
{
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
}

/// <summary>A document.</summary>
internal sealed record ComprobanteAnswer(
    int Id, int? EstablecimientoId, string Tipo, string Serie, int Numero, DateOnly FechaEmision, string Moneda,
    decimal? Subtotal, decimal? Igv, decimal? Total, string Estado, DateTimeOffset? EmitidoEn, DateTimeOffset CreatedAt)
{
    public static ComprobanteAnswer Of(TenantVoucher voucher) => new(
        voucher.Id, voucher.EstablecimientoId, voucher.Tipo!, voucher.Serie!, voucher.Numero!.Value,
        voucher.FechaEmision!.Value, voucher.Moneda!, voucher.Subtotal, voucher.Igv, voucher.Total, voucher.Estado!,
        voucher.EmitidoEn, voucher.CreatedAt);
}

/// <summary>The establishments and the commercial documents of a tenant.</summary>
internal static class TenantBusinessEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("establecimientos", SitesAsync).WithName("listEstablecimientos")
            .ForTenantUser(TenantEstablishments.ListPermission)
            .Query(QueryParameter.Page, QueryParameter.PageSize).Gives<ListAnswer<EstablecimientoAnswer>>(200)
            .Refuses(422, "invalid_input");
        api.MapPost("establecimientos", CreateSiteAsync).WithName("createEstablecimiento")
            .ForTenantUser(TenantEstablishments.CreatePermission).Takes<NewEstablecimiento>()
            .Gives<EstablecimientoAnswer>(201)
            .Refuses(409, "limit_reached", "establishment_code_taken", "read_only").Refuses(422, "invalid_input");
        api.MapGet("comprobantes", VouchersAsync).WithName("listComprobantes")
            .ForTenantUser(TenantVouchers.ListPermission)
            .Query(QueryParameter.Page, QueryParameter.PageSize).Gives<ListAnswer<ComprobanteAnswer>>(200)
            .Refuses(422, "invalid_input");
        api.MapPost("comprobantes", CreateVoucherAsync).WithName("createComprobante")
            .ForTenantUser(TenantVouchers.CreatePermission).Takes<NewComprobante>().Gives<ComprobanteAnswer>(201)
            .Refuses(409, "limit_reached", "voucher_number_taken", "read_only").Refuses(422, "invalid_input");
    }

    private static async Task<IResult> SitesAsync(
        TenantUserCall call, QueryValues query, TenantEstablishments sites, CancellationToken cancellationToken) =>
        Results.Ok(ListAnswers.Of(await sites.ListAsync(
            call.Caller, query.Page, query.PageSize, cancellationToken), EstablecimientoAnswer.Of));

    private static async Task<IResult> CreateSiteAsync(
        TenantUserCall call, Body<NewEstablecimiento> body, TenantEstablishments sites,
        CancellationToken cancellationToken)
    {
        var wanted = body.Value;
        var site = await sites.CreateAsync(call.Caller, new TenantSite
        {
            Codigo = wanted.Codigo, Nombre = wanted.Nombre, Tipo = wanted.Tipo, Direccion = wanted.Direccion,
            Ubigeo = wanted.Ubigeo, Departamento = wanted.Departamento, Provincia = wanted.Provincia,
            Distrito = wanted.Distrito, Telefono = wanted.Telefono, Correo = wanted.Correo,
        }, cancellationToken);
        return Results.Json(EstablecimientoAnswer.Of(site), statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> VouchersAsync(
        TenantUserCall call, QueryValues query, TenantVouchers vouchers, CancellationToken cancellationToken) =>
        Results.Ok(ListAnswers.Of(await vouchers.ListAsync(
            call.Caller, query.Page, query.PageSize, cancellationToken), ComprobanteAnswer.Of));

    private static async Task<IResult> CreateVoucherAsync(
        TenantUserCall call, Body<NewComprobante> body, TenantVouchers vouchers, CancellationToken cancellationToken)
    {
        var wanted = body.Value;
        var voucher = await vouchers.CreateAsync(call.Caller, new TenantVoucher
        {
            EstablecimientoId = wanted.EstablecimientoId, Tipo = wanted.Tipo, Serie = wanted.Serie,
            Numero = wanted.Numero, FechaEmision = wanted.FechaEmision, Moneda = wanted.Moneda,
            Subtotal = wanted.Subtotal, Igv = wanted.Igv, Total = wanted.Total, Estado = wanted.Estado,
        }, cancellationToken);
        return Results.Json(ComprobanteAnswer.Of(voucher), statusCode: StatusCodes.Status201Created);
    }
}
