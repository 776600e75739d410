using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>
/// A product of a case: suspect, interacting or concomitant. All three kinds are rows of this table.
/// </summary>
[Table("icsr_products"),
    Comment("A product of a case: suspect, interacting, or taken along with it. Concomitants are rows of this table. "
        + "[FI; IL: productos, concomitantes; storage NOT STATED]")]
[Lookup("products of a case", nameof(IcsrId))]
public sealed class IcsrProduct
{
    [Comment("Key. [decided]")]
    public int Id { get; private set; }

    [Comment("The case. [FI]"), References(typeof(Icsr), OnDelete = DeleteBehavior.Cascade)]
    public int IcsrId { get; set; }

    [Comment("Role of the product. [IL; ICH E2B(R3) G.k.1]"), MaxLength(20), DefaultSql("'sospechoso'"),
        OneOf("sospechoso", "concomitante", "interactuante")]
    public string Tipo { get; set; } = "sospechoso";

    [Comment("Name as reported. [FI; ICH E2B(R3) G.k.2.2]"), MaxLength(255)]
    public required string Nombre { get; set; }

    [Comment("Active ingredient (IFA). [FI; ICH E2B(R3) G.k.2.3.r]"), MaxLength(255)]
    public string? PrincipioActivo { get; set; }

    [Comment("Pharmaceutical form. [FI; ICH E2B(R3) G.k.4.r.9]"), MaxLength(100)]
    public string? FormaFarmaceutica { get; set; }

    [Comment("Registration number. [FI; ICH E2B(R3) G.k.3.1]"), MaxLength(50)]
    public string? RegistroSanitario { get; set; }

    [Comment("Batch. [FI; ICH E2B(R3) G.k.4.r.7]"), MaxLength(50)]
    public string? Lote { get; set; }

    [Comment("Route. [FI; ICH E2B(R3) G.k.4.r.10]"), MaxLength(100)]
    public string? Via { get; set; }

    [Comment("Dose. [FI; ICH E2B(R3) G.k.4.r.8]"), MaxLength(100)]
    public string? Dosis { get; set; }

    [Comment("Frequency. [FI; ICH E2B(R3) G.k.4.r.2]"), MaxLength(100)]
    public string? Frecuencia { get; set; }

    [Comment("Start. [FI; ICH E2B(R3) G.k.4.r.4]"), MaxLength(32)]
    public string? FechaInicio { get; set; }

    [Comment("End. [FI; ICH E2B(R3) G.k.4.r.5]"), MaxLength(32)]
    public string? FechaFin { get; set; }

    [Comment("Rechallenge: what happened when it was given again. [FI; ICH E2B(R3) G.k.9.i.4]"), MaxLength(100)]
    public string? Reexposicion { get; set; }

    [Comment("Dechallenge: what happened when it was withdrawn. [FI; ICH E2B(R3) G.k.8]"), MaxLength(100)]
    public string? Retirada { get; set; }

    [Comment("The product of the catalogue. [decided]"), References(typeof(Product))]
    public int? ProductId { get; set; }

    [Comment("Strength. [ICH E2B(R3) G.k.2.3.r.3]"), MaxLength(100)]
    public string? Concentracion { get; set; }

    [Comment("Holder of the registration. [ICH E2B(R3) G.k.3.3]"), MaxLength(255)]
    public string? Titular { get; set; }

    [Comment("Indication as reported. [ICH E2B(R3) G.k.7.r.1]")]
    public string? Indicacion { get; set; }

    [Comment("Action taken. [ICH E2B(R3) G.k.8]"), MaxLength(20),
        OneOf("retirado", "dosis_reducida", "dosis_aumentada", "sin_cambio", "desconocida", "no_aplica")]
    public string? AccionTomada { get; set; }

    [Comment("Expiry of the batch. [decided]")]
    public DateOnly? LoteVencimiento { get; set; }
}
