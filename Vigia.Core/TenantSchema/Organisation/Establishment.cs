using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>A site of the tenant. Active sites count against max_establecimientos.</summary>
[Table("establecimientos"),
    Comment("A site of the tenant; active ones count against max_establecimientos. [SEED; docs/rules.md#limits]")]
[Lookup("establishment code is never used twice", nameof(Codigo), IsUnique = true)]
public sealed class Establishment : IDemoRow
{
    [Comment("Key. [docs/rules.md#keys]")]
    public int Id { get; private set; }

    [Comment("SUNAT's four-digit annex code or the tenant's own. [decided]"), MaxLength(20)]
    public string? Codigo { get; set; }

    [Comment("Name. [docs/rules.md#limits; decided]"), MaxLength(255)]
    public required string Nombre { get; set; }

    [Comment("Kind of establishment. [Law 29459 art. 21 names them; decided]"), MaxLength(30),
        DefaultSql("'laboratorio'"),
        OneOf("laboratorio", "drogueria", "botica", "farmacia", "farmacia_hospitalaria", "almacen", "oficina", "otro")]
    public string Tipo { get; set; } = "laboratorio";

    [Comment("Street address. [decided]"), MaxLength(255)]
    public string? Direccion { get; set; }

    [Comment("INEI's six-digit place code. [decided]"), MaxLength(6)]
    public string? Ubigeo { get; set; }

    [Comment("Department. [decided]"), MaxLength(100)]
    public string? Departamento { get; set; }

    [Comment("Province. [decided]"), MaxLength(100)]
    public string? Provincia { get; set; }

    [Comment("District. [decided]"), MaxLength(100)]
    public string? Distrito { get; set; }

    [Comment("Telephone. [decided]"), MaxLength(50)]
    public string? Telefono { get; set; }

    [Comment("E-mail. [decided]"), MaxLength(255)]
    public string? Correo { get; set; }

    [Comment("The technical director, an employee. [AP: direccion_tecnica; decided]"), References(typeof(Employee))]
    public int? DirectorTecnicoId { get; set; }

    [Comment("Only active ones count against the limit. [docs/rules.md#limits]"), DefaultSql("true")]
    public bool IsActive { get; set; } = true;

    [Comment("Part of the demonstration data, which can be removed as a whole. [decided]"), DefaultSql("false")]
    public bool EsDemo { get; set; }

    [Comment("When the row was made. [UM: created_at; decided elsewhere]"), DefaultSql("now()")]
    public DateTimeOffset CreatedAt { get; private set; }

    [Comment("When the row was last changed; set by a trigger. [UM: updated_at; decided elsewhere]"),
        DefaultSql("now()")]
    public DateTimeOffset UpdatedAt { get; private set; }
}
