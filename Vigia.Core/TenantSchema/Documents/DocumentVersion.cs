using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>A version of a document.</summary>
[Table("documento_versiones"), Comment("A version of a document. [FD: DocumentoVersion]")]
[Lookup("versions of a document; one once", nameof(DocumentoId), nameof(Version), IsUnique = true)]
public sealed class DocumentVersion
{
    [Comment("Key. [FD]")]
    public int Id { get; private set; }

    [Comment("The document. [FD]"), References(typeof(Document), OnDelete = DeleteBehavior.Cascade)]
    public int DocumentoId { get; set; }

    [Comment("Version. [FD]"), MaxLength(20)]
    public required string Version { get; set; }

    [Comment("Path. [FD]")]
    public required string FilePath { get; set; }

    [Comment("Name. [FD]"), MaxLength(255)]
    public required string FileName { get; set; }

    [Comment("Media type. [FD]"), MaxLength(127)]
    public string? FileMime { get; set; }

    [Comment("Bytes. [FD]")]
    public long? FileSize { get; set; }

    [Comment("SHA-256 in hexadecimal. [decided: a signature is bound to the bytes, 21 CFR 11.70]"), MaxLength(64)]
    public string? FileSha256 { get; set; }

    [Comment("Who uploaded it. [decided]"), References(typeof(TenantUser))]
    public int? CreatedBy { get; set; }

    [Comment("When. [FD]"), DefaultSql("now()")]
    public DateTimeOffset CreatedAt { get; private set; }
}
