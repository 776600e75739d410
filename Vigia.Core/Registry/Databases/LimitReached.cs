using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Registry.Databases;

/// <summary>
/// Recognises the error of a tenant's database when a limit is reached (<c>count_against_limit</c> in its schema).
/// </summary>
public static partial class LimitReached
{
    /// <summary>
    /// An error class of the portal. Classes that begin with V are reserved for implementations (SQL:2016 part 2,
    /// 24.1).
    /// </summary>
    public const string SqlState = "VL001";

    /// <summary>The message code of pages and API.</summary>
    public const string Code = "limit_reached";

    /// <summary>Whether a limit was reached.</summary>
    public static bool Is(Exception exception) => exception is PostgresException { SqlState: SqlState };

    /// <summary>Describes a reached limit, also one that EF Core met while it saved changes.</summary>
    public static bool TryDescribe(Exception exception, [NotNullWhen(true)] out Message? message)
    {
        var cause = exception is DbUpdateException { InnerException: { } inner } ? inner : exception;
        message = cause is PostgresException { SqlState: SqlState } full ? Describe(full) : null;
        return message is not null;
    }

    /// <summary>Says in words which limit was reached, how much of it is used, and the maximum.</summary>
    public static Message Describe(PostgresException exception)
    {
        var numbers = InUse().Match(exception.MessageText);
        return new Message(Code, "@" + exception.ColumnName, Number(1), Number(2));

        string Number(int group) => numbers.Success ? numbers.Groups[group].Value : "?";
    }

    // The text comes from the portal's own function. DETAIL would be the right field, but drivers do not show it,
    // because details of PostgreSQL itself quote rows.
    [GeneratedRegex("reached: ([0-9]+) of ([0-9]+) in use$")]
    private static partial Regex InUse();
}
