using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>A literature reference of a periodic report.</summary>
[Table("ips_fuentes"), Comment("A literature reference of a periodic report. [PD: fuentes]")]
public sealed class IpsLiterature
{
    [Comment("Key. [PD]")]
    public int Id { get; private set; }

    [Comment("The report. [PD: per report]"), References(typeof(IpsReport), OnDelete = DeleteBehavior.Cascade)]
    public int ReporteId { get; set; }

    [Comment("Data base. [PD]"), MaxLength(15), OneOf("PMC", "LILACS", "SCIELO-WEB", "OTRA")]
    public required string Source { get; set; }

    [Comment("Title. [PD]")]
    public required string Title { get; set; }

    [Comment("Citation. [PD]")]
    public string? Citation { get; set; }

    [Comment("Address. [PD]")]
    public required string Url { get; set; }

    [Comment("Year. [PD]")]
    public int? Year { get; set; }

    [Comment("Journal. [PD]"), MaxLength(255)]
    public string? Journal { get; set; }

    [Comment("Abstract. [PD]")]
    public string? Abstract { get; set; }

    [Comment("References the search found in all. [PD]")]
    public int? DetectedTotal { get; set; }

    [Comment("When the row was made. [UM: created_at; decided elsewhere]"), DefaultSql("now()")]
    public DateTimeOffset CreatedAt { get; private set; }
}
