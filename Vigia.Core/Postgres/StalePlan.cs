using Npgsql;

namespace Vigia.Core.Postgres;

/// <summary>
/// The refusal of a prepared statement whose columns have another type by now (0A000). It happens once for each session
/// that had prepared the statement before somebody changed the table: Npgsql drops the statement then and prepares it
/// again with its next use. See docs/decisions/operations.md#d341.
/// </summary>
internal static class StalePlan
{
    // The code stands for many missing features. The name of the server's function is not translated.
    public static bool Is(PostgresException exception) =>
        exception is { SqlState: PostgresErrorCodes.FeatureNotSupported, Routine: "RevalidateCachedQuery" };

    public static bool Is(Exception exception) =>
        TransientFailures.Cause(exception) is PostgresException refused && Is(refused);
}
