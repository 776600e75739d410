using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>Relevant medical history and past medicines of the patient.</summary>
[Table("icsr_antecedentes"),
    Comment("Relevant medical history and past medicines of the patient. [ICH E2B(R3) D.7.1.r, D.8.r]")]
[Lookup("history of a case", nameof(IcsrId))]
public sealed class MedicalHistoryEntry
{
    [Comment("Key. [decided]")]
    public int Id { get; private set; }

    [Comment("The case. [decided]"), References(typeof(Icsr), OnDelete = DeleteBehavior.Cascade)]
    public int IcsrId { get; set; }

    [Comment("Condition (D.7.1.r) or past medicine (D.8.r). [ICH E2B(R3)]"), MaxLength(15), DefaultSql("'condicion'"),
        OneOf("condicion", "medicamento")]
    public string Tipo { get; set; } = "condicion";

    [Comment("Name as reported. [ICH E2B(R3) D.7.1.r.1b, D.8.r.1]")]
    public required string Texto { get; set; }

    [Comment("MedDRA LLT code. [ICH E2B(R3) D.7.1.r.1b]"), MaxLength(20)]
    public string? MeddraLltCode { get; set; }

    [Comment("Start, as precise as known. [ICH E2B(R3) D.7.1.r.2, D.8.r.4]"), MaxLength(32)]
    public string? FechaInicio { get; set; }

    [Comment("End, as precise as known. [ICH E2B(R3) D.7.1.r.4, D.8.r.5]"), MaxLength(32)]
    public string? FechaFin { get; set; }

    [Comment("Whether it continues. [ICH E2B(R3) D.7.1.r.3]")]
    public bool? Continua { get; set; }

    [Comment("Indication of a past medicine. [ICH E2B(R3) D.8.r.6b]")]
    public string? Indicacion { get; set; }

    [Comment("Reaction to a past medicine. [ICH E2B(R3) D.8.r.7b]")]
    public string? Reaccion { get; set; }

    [Comment("Family history. [ICH E2B(R3) D.7.1.r.6]"), DefaultSql("false")]
    public bool Familiar { get; set; }

    [Comment("Comments. [ICH E2B(R3) D.7.1.r.5]")]
    public string? Comentarios { get; set; }
}
