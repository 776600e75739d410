using System.Net.Sockets;
using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Postgres;

namespace Vigia.Core.Registry.Servers;

/// <summary>
/// A server that lets the portal in gives it no session in this database: <c>database_missing</c> or
/// <c>database_unreachable</c>. It says nothing about other databases (docs/rules.md#trouble-stays-with-one-tenant).
/// </summary>
public sealed class DatabaseUnreachableException : RuleException
{
    private const int Most = Foundation.Errors.Message.LongestArgument;

    private DatabaseUnreachableException(Message reason, string said, string? sqlState, bool mayPass) : base(reason) =>
        (Said, SqlState, MayPass) = (said, sqlState, mayPass);

    /// <summary>The server's words.</summary>
    public string Said { get; }

    /// <summary>The server's code. Null when it did not answer.</summary>
    public string? SqlState { get; }

    /// <summary>Whether trying again later may help without any action by a person.</summary>
    public bool MayPass { get; }

    /// <summary>Whether an exception may mean that a session was refused.</summary>
    internal static bool MayBe(Exception exception) =>
        exception is NpgsqlException or SocketException or IOException or TimeoutException;

    /// <param name="name">The name of the database.</param>
    /// <param name="seen">The database as the catalogue shows it. Null when the server has none of that name.</param>
    /// <param name="failure">Why there is no session.</param>
    internal static DatabaseUnreachableException Of(string name, SurveyedDatabase? seen, Exception failure)
    {
        var refusal = TransientFailures.Cause(failure) as PostgresException;
        var said = SafeText.Cut(refusal?.MessageText ?? failure.Message, Most);
        if (refusal is { SqlState: PostgresErrorCodes.InvalidCatalogName })
        {
            return new(new Message("database_missing", name), said, refusal.SqlState, mayPass: false);
        }

        var parts = new List<Message>
        {
            refusal is null ? new Message("database_silent") : new Message("database_said", refusal.SqlState, said),
        };
        if (seen?.Remedy is { } remedy)
        {
            parts.Add(new Message("database_remedy", remedy));
        }

        return new(
            new Message("database_unreachable", name) { Parts = parts }, said, refusal?.SqlState,
            mayPass: seen?.Refusal is null
                && (refusal is null || (SqlStates.IsTransient(refusal.SqlState)
                    && refusal.SqlState != PostgresErrorCodes.InternalError)));
    }
}
