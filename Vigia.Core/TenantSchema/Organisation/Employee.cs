using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>A person who works for the tenant; users and trainings refer to it.</summary>
[Table("empleados"),
    Comment("A person who works for the tenant; users and trainings refer to it. [docs/rules.md#named-only; decided]")]
[Lookup("employee code is searched and never used twice", nameof(Codigo), IsUnique = true)]
[Lookup("one record per identity document", nameof(Dni), IsUnique = true)]
public sealed class Employee : IDemoRow
{
    [Comment("Key. [UM: users.empleado_id is an integer]")]
    public int Id { get; private set; }

    [Comment("The tenant's own code. [decided]"), MaxLength(20)]
    public string? Codigo { get; set; }

    [Comment("Identity document (DNI, CE or passport). [GI mentions DNI; decided]"), MaxLength(20)]
    public string? Dni { get; set; }

    [Comment("Given names. [AL: full_name of /auth/me comes from the employee]"), MaxLength(150)]
    public required string Nombres { get; set; }

    [Comment("Family names. [AL: full_name of /auth/me comes from the employee]"), MaxLength(150)]
    public required string Apellidos { get; set; }

    [Comment("Position. [TR: responsable; decided]"), MaxLength(150)]
    public string? Cargo { get; set; }

    [Comment("Area or department. [FD: documents carry an area; decided]"), MaxLength(100)]
    public string? Area { get; set; }

    [Comment("E-mail at work. [decided]"), MaxLength(255)]
    public string? Correo { get; set; }

    [Comment("Telephone. [decided]"), MaxLength(50)]
    public string? Telefono { get; set; }

    [Comment("Number of the professional college (CQFP, CMP). [decided: a Químico Farmacéutico signs with it]"),
        MaxLength(30)]
    public string? Colegiatura { get; set; }

    [Comment("First day at work. [decided]")]
    public DateOnly? FechaIngreso { get; set; }

    [Comment("Last day at work; null while employed. [decided]")]
    public DateOnly? FechaCese { get; set; }

    [Comment("Whether the person works here now. [decided, as users.is_active]"), DefaultSql("true")]
    public bool IsActive { get; set; } = true;

    [Comment("Part of the demonstration data, which can be removed as a whole. [decided]"), DefaultSql("false")]
    public bool EsDemo { get; set; }

    [Comment("When the row was made. [UM: created_at; decided elsewhere]"), DefaultSql("now()")]
    public DateTimeOffset CreatedAt { get; private set; }

    [Comment("When the row was last changed; set by a trigger. [UM: updated_at; decided elsewhere]"),
        DefaultSql("now()")]
    public DateTimeOffset UpdatedAt { get; private set; }
}
