using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>The categories of documents.</summary>
[Table("documento_categorias"), Comment("The categories of documents. [FD: categoria]")]
[Lookup("documentos.categoria holds this code", nameof(Codigo), IsUnique = true)]
public sealed class DocumentCategory
{
    [Comment("Key. [decided]")]
    public int Id { get; private set; }

    [Comment("Code. [decided]"), MaxLength(20)]
    public required string Codigo { get; set; }

    [Comment("Name. [decided]"), MaxLength(150)]
    public required string Nombre { get; set; }

    [Comment("What belongs there. [decided]")]
    public string? Descripcion { get; set; }

    [Comment("Whether new documents may use it. [decided]"), DefaultSql("true")]
    public bool IsActive { get; set; } = true;
}
