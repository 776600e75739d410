using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>A business partner of the tenant: a row of the product's table <c>clients</c>. Not a tenant.</summary>
[Table("clients"), Comment(
    "A business partner of the tenant (not the tenant itself, which is a client of ours). "
    + "[SEED; shape NOT STATED, decided]")]
public sealed class BusinessPartner : IDemoRow
{
    [Comment("Key. [decided]")]
    public int Id { get; private set; }

    [Comment("Tax id. [decided]"), MaxLength(11)]
    public string? Ruc { get; set; }

    [Comment("Legal name. [decided]"), MaxLength(255)]
    public required string RazonSocial { get; set; }

    [Comment("Contact. [decided]"), MaxLength(255)]
    public string? ContactoNombre { get; set; }

    [Comment("E-mail. [decided]"), MaxLength(255)]
    public string? Correo { get; set; }

    [Comment("Telephone. [decided]"), MaxLength(50)]
    public string? Telefono { get; set; }

    [Comment("Whether there is business with it. [decided]"), DefaultSql("true")]
    public bool IsActive { get; set; } = true;

    [Comment("When the row was made. [UM: created_at; decided elsewhere]"), DefaultSql("now()")]
    public DateTimeOffset CreatedAt { get; private set; }

    [Comment("Street address. [decided]"), MaxLength(255)]
    public string? Direccion { get; set; }

    [Comment("Part of the demonstration data, which can be removed as a whole. [decided]"), DefaultSql("false")]
    public bool EsDemo { get; set; }
}
