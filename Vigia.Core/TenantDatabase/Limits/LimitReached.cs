using System.Text.RegularExpressions;
using Npgsql;
using Vigia.Core.Errors;

namespace Vigia.Core.TenantDatabase;

/// <summary>What a tenant's database says when a limit is reached (<c>count_against_limit</c> in its schema).</summary>
public static partial class LimitReached
{
    /// <summary>A class of our own: those that begin with V are free for implementations (SQL:2016 part 2, 24.1).</summary>
    public const string SqlState = "VL001";

    /// <summary>The code that pages and API show.</summary>
    public const string Code = "limit_reached";

    /// <summary>Whether it is that.</summary>
    public static bool Is(Exception exception) => exception is PostgresException { SqlState: SqlState };

    /// <summary>In words: which limit, how much of it is in use, the maximum.</summary>
    public static Message Describe(PostgresException exception)
    {
        var numbers = InUse().Match(exception.MessageText);
        return new Message(Code, "@" + exception.ColumnName, Number(1), Number(2));

        string Number(int group) => numbers.Success ? numbers.Groups[group].Value : "?";
    }

    // The text is our own function's. DETAIL would be the place, but drivers hold it back, because PostgreSQL's own details quote rows.
    [GeneratedRegex("reached: ([0-9]+) of ([0-9]+) in use$")]
    private static partial Regex InUse();
}
