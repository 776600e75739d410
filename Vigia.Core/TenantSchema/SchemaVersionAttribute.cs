namespace Vigia.Core.TenantSchema;

/// <summary>
/// The version of a tenant's schema that a migration leads to. Versions ascend with the migrations; a number is never
/// used again.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class SchemaVersionAttribute(int number) : Attribute
{
    /// <summary>From 1.</summary>
    public int Number => number;
}
