using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>A submission of a case to DIGEMID.</summary>
[Table("icsr_envios_digemid"), Comment("A submission of a case to DIGEMID. [DIG, GR; IU: lt_fecha_envio_digemid]")]
[Lookup("submissions of a case", nameof(IcsrId))]
public sealed class DigemidSubmission
{
    [Comment("Key. [decided]")]
    public int Id { get; private set; }

    [Comment("The case. [decided]"), References(typeof(Icsr), OnDelete = DeleteBehavior.Cascade)]
    public int IcsrId { get; set; }

    [Comment("Format. [DIG: Modelo A and B/RAM]"), MaxLength(20), OneOf("Modelo A", "Modelo B", "E2B(R3)")]
    public required string Formato { get; set; }

    [Comment("Initial, follow-up or nullification. [ICH E2B(R3) C.1.11.1; decided]"), MaxLength(15),
        DefaultSql("'inicial'"), OneOf("inicial", "seguimiento", "anulacion")]
    public string TipoEnvio { get; set; } = "inicial";

    [Comment("State. [decided]"), MaxLength(12), DefaultSql("'preparado'"),
        OneOf("preparado", "enviado", "aceptado", "rechazado")]
    public string Estado { get; set; } = "preparado";

    [Comment("When it was sent. [IU]")]
    public DateTimeOffset? EnviadoEn { get; set; }

    [Comment("Who sent it. [decided]"), References(typeof(TenantUser))]
    public int? EnviadoPor { get; set; }

    [Comment("Acknowledgement code of the authority. [ICH E2B(R3) ICHICSRACK; decided]"), MaxLength(100)]
    public string? CodigoAcuse { get; set; }

    [Comment("When it was acknowledged. [decided]")]
    public DateTimeOffset? AcuseEn { get; set; }

    [Comment("SHA-256 of the file that was sent, in hexadecimal. [decided: what was sent can be proved]"),
        MaxLength(64)]
    public string? ArchivoSha256 { get; set; }

    [Comment("Why it was rejected. [decided]")]
    public string? Error { get; set; }

    [Comment("When the row was made. [UM: created_at; decided elsewhere]"), DefaultSql("now()")]
    public DateTimeOffset CreatedAt { get; private set; }
}
