using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>The calendar of periodic reports and registrations.</summary>
[Table("calendario_ips"), Comment("The calendar of periodic reports and registrations. [PK, FP]")]
[Lookup("the calendar is listed by due date", nameof(FechaLimElaboracion))]
public sealed class IpsCalendarEntry : IDemoRow
{
    [Comment("Key. [PK]")]
    public int Id { get; private set; }

    [Comment("Row number. [PK]")]
    public int? Numero { get; set; }

    [Comment("Product and form. [PK]"), MaxLength(255)]
    public required string ProductoForma { get; set; }

    [Comment("Active ingredient. [PK]"), MaxLength(255)]
    public string? Ifa { get; set; }

    [Comment("Registration number. [PK]"), MaxLength(50)]
    public string? RegistroNumero { get; set; }

    [Comment("State of the registration; its values are NOT STATED. [PK]"), MaxLength(50)]
    public string? RegistroEstado { get; set; }

    [Comment("End of the registration. [PK]")]
    public DateOnly? RegistroVencimiento { get; set; }

    [Comment("First authorisation. [PK]")]
    public DateOnly? RegistroPrimeraAutorizacion { get; set; }

    [Comment("Version of the report. [PK: text]"), MaxLength(20)]
    public string? IpsVersion { get; set; }

    [Comment("Data lock: first day. [PK]")]
    public DateOnly? IpsFid { get; set; }

    [Comment("Data lock: last day. [PK]")]
    public DateOnly? IpsFcd { get; set; }

    [Comment("Years covered. [PK: decimal]"), Precision(6, 2)]
    public decimal? IpsAnios { get; set; }

    [Comment("Version for the registration. [PK: text]"), MaxLength(20)]
    public string? RsVersion { get; set; }

    [Comment("Registration: first day. [PK]")]
    public DateOnly? RsFid { get; set; }

    [Comment("Registration: last day. [PK]")]
    public DateOnly? RsFcd { get; set; }

    [Comment("Registration: years. [PK: decimal]"), Precision(6, 2)]
    public decimal? RsAnios { get; set; }

    [Comment("Due: writing. [PK]")]
    public DateOnly? FechaLimElaboracion { get; set; }

    [Comment("Due: review and approval. [PK]")]
    public DateOnly? FechaLimRevisionAprobacion { get; set; }

    [Comment("Date of submission. [PK]")]
    public DateOnly? FechaSometimiento { get; set; }

    [Comment("State. [PK; docs/rules.md#documented-states]"), MaxLength(10), DefaultSql("'Borrador'"),
        OneOf("Borrador", "Validado", "Firmado", "Sometido", "Aprobado", "Observado")]
    public string EstadoIps { get; set; } = "Borrador";

    [Comment("Who approves. [PK]"), MaxLength(255)]
    public string? ResponsableAprobacion { get; set; }

    [Comment("Part of the demonstration data, which can be removed as a whole. [decided]"), DefaultSql("false")]
    public bool EsDemo { get; set; }

    [Comment("When it was made. [PK]"), DefaultSql("now()")]
    public DateTimeOffset CreatedAt { get; private set; }

    [Comment("When it was last changed. [PK]"), DefaultSql("now()")]
    public DateTimeOffset UpdatedAt { get; private set; }
}
