using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantDatabase;

/// <summary>The only values the column takes; becomes the constraint <c>{table}_{column}_check</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OneOfAttribute(params string[] values) : Attribute
{
    public IReadOnlyList<string> Values => values;
}

/// <summary>A foreign key to the key of <paramref name="entity"/>. It gets no index by itself: see <see cref="LookupAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ReferencesAttribute(Type entity) : Attribute
{
    public Type Entity => entity;

    /// <summary>Refused by default: records are not taken away by taking away what they refer to.</summary>
    public DeleteBehavior OnDelete { get; init; } = DeleteBehavior.Restrict;
}

/// <summary>The column's default in the database, for the product's own INSERTs that leave it out.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DefaultSqlAttribute(string sql) : Attribute
{
    public string Sql => sql;
}

/// <summary>An index, and the documented list or filter that uses it: every relation makes each new tenant's database slower to make.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
internal sealed class LookupAttribute(string purpose, params string[] properties) : Attribute
{
    public string Purpose => purpose;

    public IReadOnlyList<string> Properties => properties;

    public bool IsUnique { get; init; }
}

/// <summary>A rule of the row; becomes the constraint <c>{table}_{name}_check</c>.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
internal sealed class CheckAttribute(string name, string sql) : Attribute
{
    public string Name => name;

    public string Sql => sql;
}

/// <summary>A table whose changes the audit trigger does not record, and why. Every other table is recorded.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class UnregulatedAttribute(string why) : Attribute
{
    public string Why => why;
}

/// <summary>A row that may be demonstration data.</summary>
public interface IDemoRow
{
    /// <summary>Whether it is.</summary>
    bool EsDemo { get; set; }
}
