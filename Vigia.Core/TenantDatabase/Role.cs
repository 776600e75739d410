using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;

namespace Vigia.Core.TenantDatabase;

/// <summary>One of the product's roles; <see cref="Name"/> is the code that <c>users.roles</c> holds.</summary>
[Table("roles")]
public sealed class Role
{
    public const string Admin = "admin";

    [Column("id")]
    public int Id { get; init; }

    [Column("name"), MaxLength(64)]
    public required string Name { get; init; }

    [Column("label"), MaxLength(100)]
    public required string Label { get; init; }

    /// <summary>The seven roles every tenant starts with.</summary>
    internal static readonly Role[] Seed =
    [
        new() { Id = 1, Name = Admin, Label = "Administrador" },
        new() { Id = 2, Name = "qf", Label = "Químico farmacéutico" },
        new() { Id = 3, Name = "responsable_fv", Label = "Responsable de farmacovigilancia" },
        new() { Id = 4, Name = "qa", Label = "Aseguramiento de la calidad" },
        new() { Id = 5, Name = "direccion_tecnica", Label = "Dirección técnica" },
        new() { Id = 6, Name = "legal", Label = "Legal" },
        new() { Id = 7, Name = "soporte", Label = "Soporte" },
    ];
}
