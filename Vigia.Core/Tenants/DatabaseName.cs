using System.Text;
using Vigia.Core.Errors;

namespace Vigia.Core.Tenants;

/// <summary>The name of a tenant's database: <c>vigia_{subdominio}</c> for new ones; an adopted database keeps its own (facts 7.7).</summary>
public readonly record struct DatabaseName
{
    public const string Prefix = "vigia_";

    /// <summary>NAMEDATALEN − 1; PostgreSQL cuts longer names silently.</summary>
    public const int MaxBytes = 63;

    private static readonly string[] Never = ["postgres", "template0", "template1"];

    /// <exception cref="RuleException"><c>database_name_invalid</c>.</exception>
    public DatabaseName(string? name)
    {
        if (string.IsNullOrEmpty(name) || name.Contains('\0', StringComparison.Ordinal) || Encoding.UTF8.GetByteCount(name) > MaxBytes || Never.Contains(name))
        {
            throw new RuleException("database_name_invalid", name ?? "");
        }

        Value = name;
    }

    public string Value { get; }

    public static DatabaseName For(Subdomain subdomain) => new(Prefix + subdomain.Value);

    public override string ToString() => Value;
}
