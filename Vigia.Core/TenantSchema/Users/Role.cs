using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>One of the product's roles; <see cref="Name"/> is the code that <c>users.roles</c> holds.</summary>
[Table("roles"), Comment("The product's seven roles and what they give. [UM, AP, AO; columns NOT STATED, decided]")]
[Lookup("users.roles is checked against the codes", nameof(Name), IsUnique = true)]
[Unregulated("written by migrations only: the tenant's role reads it")]
public sealed class Role
{
    public const string Admin = "admin";

    [Comment("Key. [decided]")]
    public int Id { get; init; }

    [Comment("Code. [AO]"), MaxLength(64)]
    public required string Name { get; init; }

    [Comment("Label. [AP]"), MaxLength(100)]
    public required string Label { get; init; }

    [Comment("What the role gives, as module:action. "
        + "[AP, IO, PO; docs/rules.md#permissions; docs/rules.md#role-matrix]"), DefaultSql("'{}'")]
    public string[] Permissions { get; init; } = [];
}
