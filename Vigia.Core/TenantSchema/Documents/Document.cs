using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>A controlled document.</summary>
[Table("documentos"), Comment("A controlled document. [FD, DU: models/documento.py]")]
[Lookup("a document is found by its code", nameof(Codigo), IsUnique = true)]
[Lookup("documents of a case, report or training", nameof(OwnerType), nameof(OwnerId))]
public sealed class Document : IDemoRow
{
    [Comment("Key. [FD]")]
    public int Id { get; private set; }

    [Comment("Code, such as FO-FMV-002. [FD]"), MaxLength(50)]
    public required string Codigo { get; set; }

    [Comment("Title. [FD]"), MaxLength(255)]
    public required string Titulo { get; set; }

    [Comment("Code of a category; text, as the product writes it. [FD]"), MaxLength(20)]
    public string? Categoria { get; set; }

    [Comment("IPS, ICSR, TRAINING and others. [FD]"), MaxLength(20)]
    public string? OwnerType { get; set; }

    [Comment("Key of the owner. [FD]")]
    public int? OwnerId { get; set; }

    [Comment("Area. [FD]"), MaxLength(100)]
    public string? Area { get; set; }

    [Comment("Present version. [FD: text, default 1.0]"), MaxLength(20), DefaultSql("'1.0'")]
    public string Version { get; set; } = "1.0";

    [Comment("Whether it is in force. [FD]"), DefaultSql("true")]
    public bool Vigente { get; set; } = true;

    [Comment("The present version. [FD]"), References(typeof(DocumentVersion), OnDelete = DeleteBehavior.SetNull)]
    public int? CurrentVersionId { get; set; }

    [Comment("Name of the file as uploaded. [FD]"), MaxLength(255)]
    public string? NombreOriginal { get; set; }

    [Comment("Media type. [FD]"), MaxLength(127)]
    public string? TipoMime { get; set; }

    [Comment("Size in bytes. [FD]")]
    public long? TamanoBytes { get; set; }

    [Comment("Path of the file. [FD; DO: media/docs/{codigo}/v{version}]")]
    public string? RutaArchivo { get; set; }

    [Comment("Comma-separated. [FD]")]
    public string? Tags { get; set; }

    [Comment("Metadata. [FD]"), Column(TypeName = "jsonb")]
    public string? Meta { get; set; }

    [Comment("The case, optional. [FD]"), References(typeof(Icsr), OnDelete = DeleteBehavior.SetNull)]
    public int? IcsrId { get; set; }

    [Comment("Part of the demonstration data, which can be removed as a whole. [decided]"), DefaultSql("false")]
    public bool EsDemo { get; set; }

    [Comment("When the row was made. [UM: created_at; decided elsewhere]"), DefaultSql("now()")]
    public DateTimeOffset CreatedAt { get; private set; }

    [Comment("When the row was last changed; set by a trigger. [UM: updated_at; decided elsewhere]"),
        DefaultSql("now()")]
    public DateTimeOffset UpdatedAt { get; private set; }
}
