using System.Text;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Registry.Tenants;

/// <summary>
/// The name of a tenant's database: <c>vigia_{subdominio}</c> for a new database. An adopted database keeps its own
/// name (docs/rules.md#database-name).
/// </summary>
public readonly record struct DatabaseName
{
    public const string Prefix = "vigia_";

    /// <summary>NAMEDATALEN − 1. PostgreSQL silently cuts longer names.</summary>
    public const int MaxBytes = 63;

    private static readonly string[] Refused = ["postgres", "template0", "template1"];

    /// <exception cref="RuleException"><c>database_name_invalid</c>.</exception>
    public DatabaseName(string? name)
    {
        if (string.IsNullOrEmpty(name) || name.Contains('\0', StringComparison.Ordinal)
            || Encoding.UTF8.GetByteCount(name) > MaxBytes || Refused.Contains(name))
        {
            throw new RuleException("database_name_invalid", name ?? "");
        }

        Value = name;
    }

    public string Value { get; }

    public static DatabaseName For(Subdomain subdomain) => new(Prefix + subdomain.Value);

    public override string ToString() => Value;
}
