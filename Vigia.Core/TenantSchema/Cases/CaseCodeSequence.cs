using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>Last number of the internal case codes, by prefix and year.</summary>
[Table("icsr_correlativos"),
    Comment("Last number of the internal case codes, by prefix and year. [GI: /codigo-interno/next?prefix=LAB]")]
[Lookup("the next code of a prefix and year", nameof(Prefijo), nameof(Anio), IsUnique = true)]
[Unregulated("a counter; the codes it gives are in icsr, which is audited")]
public sealed class CaseCodeSequence
{
    [Comment("Key. [decided]")]
    public int Id { get; private set; }

    [Comment("Prefix. [GI: configurable]"), MaxLength(10)]
    public required string Prefijo { get; set; }

    [Comment("Year. [GI: LAB-2024-001]")]
    public int Anio { get; set; }

    [Comment("Last number given. [GI]"), DefaultSql("0")]
    public int Ultimo { get; set; }
}
