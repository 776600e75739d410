using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>A term of a MedDRA version.</summary>
[Table("meddra_terminos"), Comment("A term of a MedDRA version. [FA: LLT/PT/HLT/HLGT/SOC]")]
[Lookup("a term is read by code", nameof(VersionId), nameof(Nivel), nameof(Codigo), IsUnique = true)]
[Lookup("terms are searched by text", nameof(VersionId), nameof(Termino))]
[Unregulated("reference data of MSSO, loaded as it is")]
public sealed class MeddraTerm
{
    [Comment("Key. [decided]")]
    public long Id { get; private set; }

    [Comment("The version. [FA]"), References(typeof(MeddraVersion), OnDelete = DeleteBehavior.Cascade)]
    public int VersionId { get; set; }

    [Comment("Level. [FA]"), MaxLength(4), OneOf("LLT", "PT", "HLT", "HLGT", "SOC")]
    public required string Nivel { get; set; }

    [Comment("MedDRA code. [FA]"), MaxLength(20)]
    public required string Codigo { get; set; }

    [Comment("Term. [FA]"), MaxLength(255)]
    public required string Termino { get; set; }

    [Comment("Code one level up (primary path). [MedDRA: LLT, PT, HLT, HLGT, SOC; decided]"), MaxLength(20)]
    public string? PadreCodigo { get; set; }

    [Comment("Whether the LLT is current. [MedDRA; decided]"), DefaultSql("true")]
    public bool Vigente { get; set; } = true;
}
