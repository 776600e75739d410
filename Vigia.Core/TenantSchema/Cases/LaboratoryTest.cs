using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>Results of tests and procedures.</summary>
[Table("icsr_pruebas"), Comment("Results of tests and procedures. [ICH E2B(R3) F.r]")]
[Lookup("tests of a case", nameof(IcsrId))]
public sealed class LaboratoryTest
{
    [Comment("Key. [decided]")]
    public int Id { get; private set; }

    [Comment("The case. [decided]"), References(typeof(Icsr), OnDelete = DeleteBehavior.Cascade)]
    public int IcsrId { get; set; }

    [Comment("Date, as precise as known. [ICH E2B(R3) F.r.1]"), MaxLength(32)]
    public string? Fecha { get; set; }

    [Comment("Name as reported. [ICH E2B(R3) F.r.2.1]"), MaxLength(255)]
    public required string Nombre { get; set; }

    [Comment("MedDRA LLT code. [ICH E2B(R3) F.r.2.2b]"), MaxLength(20)]
    public string? MeddraLltCode { get; set; }

    [Comment("Result: value, qualifier or text. [ICH E2B(R3) F.r.3.2, F.r.3.4]"), MaxLength(255)]
    public string? Resultado { get; set; }

    [Comment("Unit of the value (UCUM). [ICH E2B(R3) F.r.3.3]"), MaxLength(50)]
    public string? Unidad { get; set; }

    [Comment("Normal low value. [ICH E2B(R3) F.r.4]"), MaxLength(50)]
    public string? NormalMinimo { get; set; }

    [Comment("Normal high value. [ICH E2B(R3) F.r.5]"), MaxLength(50)]
    public string? NormalMaximo { get; set; }

    [Comment("Comments. [ICH E2B(R3) F.r.6]")]
    public string? Comentarios { get; set; }
}
