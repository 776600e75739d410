using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>An electronic signature of a document's version, confirmed by a one-time code.</summary>
[Table("documento_firmas"),
    Comment("An electronic signature of a document's version, confirmed by a one-time code. "
        + "[FD: signature with OTP; 21 CFR 11.50, 11.70]")]
[Lookup("signatures of a version", nameof(VersionId))]
public sealed class DocumentSignature
{
    [Comment("Key. [decided]")]
    public int Id { get; private set; }

    [Comment("The version that is signed. [FD]"), References(typeof(DocumentVersion))]
    public int VersionId { get; set; }

    [Comment("Who signs. [21 CFR 11.50(a)(1)]"), References(typeof(TenantUser))]
    public int UserId { get; set; }

    [Comment("Meaning of the signature. [21 CFR 11.50(a)(3)]"), MaxLength(20),
        OneOf("elaboro", "reviso", "aprobo", "leyo")]
    public required string Significado { get; set; }

    [Comment("Printed name at the time. [21 CFR 11.50(a)(1)]"), MaxLength(255)]
    public required string NombreImpreso { get; set; }

    [Comment("State. [decided]"), MaxLength(10), DefaultSql("'pendiente'"),
        OneOf("pendiente", "firmado", "rechazado", "vencido")]
    public string Estado { get; set; } = "pendiente";

    [Comment("Hash of the one-time code; never the code. [FD: OTP; decided]"), MaxLength(255)]
    public string? OtpHash { get; set; }

    [Comment("End of the code. [decided]")]
    public DateTimeOffset? OtpVenceEn { get; set; }

    [Comment("Wrong codes so far. [decided]"), DefaultSql("0")]
    public int Intentos { get; set; }

    [Comment("SHA-256 of what was signed. [21 CFR 11.70]"), MaxLength(64)]
    public string? DocumentoSha256 { get; set; }

    [Comment("Comment or reason of a refusal. [decided]")]
    public string? Motivo { get; set; }

    [Comment("Date and time of signing. [21 CFR 11.50(a)(2)]")]
    public DateTimeOffset? FirmadoEn { get; set; }

    [Comment("When the row was made. [UM: created_at; decided elsewhere]"), DefaultSql("now()")]
    public DateTimeOffset CreatedAt { get; private set; }
}
