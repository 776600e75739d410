using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>A loaded version of the MedDRA dictionary.</summary>
[Table("meddra_versiones"), Comment("A loaded version of the MedDRA dictionary. [FA: version_id]")]
[Lookup("a version is loaded once", nameof(Version), nameof(Idioma), IsUnique = true)]
[Unregulated("reference data of MSSO, loaded as it is")]
public sealed class MeddraVersion
{
    [Comment("Key, version_id of the API. [FA]")]
    public int Id { get; private set; }

    [Comment("Such as 27.1. [FA]"), MaxLength(10)]
    public required string Version { get; set; }

    [Comment("Language. [decided]"), MaxLength(5), DefaultSql("'es'")]
    public string Idioma { get; set; } = "es";

    [Comment("The version new codings use. [decided]"), DefaultSql("false")]
    public bool Activa { get; set; }

    [Comment("When it was loaded. [decided]"), DefaultSql("now()")]
    public DateTimeOffset CargadaEn { get; set; }
}
