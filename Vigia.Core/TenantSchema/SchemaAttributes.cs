using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>The only values that the column accepts; becomes the constraint <c>{table}_{column}_check</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OneOfAttribute(params string[] values) : Attribute
{
    public IReadOnlyList<string> Values => values;
}

/// <summary>
/// A foreign key to the key of <paramref name="entity"/>. It gets no index by itself; see
/// <see cref="LookupAttribute"/>.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ReferencesAttribute(Type entity) : Attribute
{
    public Type Entity => entity;

    /// <summary>Restrict by default: deleting a row must not delete the records that refer to it.</summary>
    public DeleteBehavior OnDelete { get; init; } = DeleteBehavior.Restrict;
}

/// <summary>The column's default in the database, for INSERT statements of the product that omit the column.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DefaultSqlAttribute(string sql) : Attribute
{
    public string Sql => sql;
}

/// <summary>
/// An index, with the documented list or filter that uses it. There are no other indexes, because each one makes the
/// creation of every tenant database slower.
/// </summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
internal sealed class LookupAttribute(string purpose, params string[] properties) : Attribute
{
    public string Purpose => purpose;

    public IReadOnlyList<string> Properties => properties;

    public bool IsUnique { get; init; }
}

/// <summary>A rule on the row; becomes the constraint <c>{table}_{name}_check</c>.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
internal sealed class CheckAttribute(string name, string sql) : Attribute
{
    public string Name => name;

    public string Sql => sql;
}

/// <summary>
/// A table whose changes the audit trigger does not record, with the reason. All other tables are recorded.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class UnregulatedAttribute(string why) : Attribute
{
    public string Why => why;
}

/// <summary>A row that may be demonstration data.</summary>
public interface IDemoRow
{
    /// <summary>Whether the row is demonstration data.</summary>
    bool EsDemo { get; set; }
}
