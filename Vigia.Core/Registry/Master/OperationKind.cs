using System.Linq.Expressions;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Vigia.Core.Registry.Master;

/// <summary>
/// The kind of work of an operation, such as <c>provision_tenant</c>: a stable name that is stored, that the API
/// returns, and under which the operation's definition is found.
/// </summary>
public readonly partial record struct OperationKind
{
    /// <param name="code">The name, in snake_case.</param>
    /// <exception cref="ArgumentException">The name has another form.</exception>
    public OperationKind(string code) =>
        Code = SnakeCase().IsMatch(code) ? code
            : throw new ArgumentException($"'{code}' is not snake_case.", nameof(code));

    /// <summary>The name.</summary>
    public string Code { get; }

    public override string ToString() => Code;

    /// <summary>
    /// Reads the kind by which a person or a program filters. Null without a filter. A text that is no name becomes a
    /// kind that no operation has.
    /// </summary>
    public static OperationKind? OfFilter(string? text) =>
        text is null ? null : new OperationKind(SnakeCase().IsMatch(text) ? text : "unknown");

    [GeneratedRegex("^[a-z][a-z0-9_]{0,49}$")]
    private static partial Regex SnakeCase();
}

/// <summary>Stores a kind as its name.</summary>
internal sealed class OperationKindConverter() : ValueConverter<OperationKind, string>(
    kind => kind.Code, (Expression<Func<string, OperationKind>>)(code => new OperationKind(code)));
