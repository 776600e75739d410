using System.Globalization;
using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Postgres;

namespace Vigia.Core.Operations;

/// <summary>
/// Makes an operation wait for a person when something holds a database or role that it works on, and names the
/// holders.
/// </summary>
internal static class HolderCheck
{
    /// <summary>The largest number of holders that are named. The others are only counted.</summary>
    public const int MaxNamed = 20;

    /// <summary>Throws when a holder was found.</summary>
    /// <param name="what">The database or role that is held.</param>
    /// <param name="found">The holders.</param>
    /// <exception cref="PersonNeededException">
    /// <c>tenant_held</c>, with a part for each holder: where it is, and the statement that removes it.
    /// </exception>
    public static void DemandNone(string what, IReadOnlyList<Message> found)
    {
        if (found.Count == 0)
        {
            return;
        }

        var rest = found.Count - MaxNamed;
        throw new PersonNeededException(new Message("tenant_held", what)
        {
            Parts = rest > 0 ? [.. found.Take(MaxNamed),
                new Message("holders_more", rest.ToString(CultureInfo.InvariantCulture))] : found,
        });
    }

    /// <summary>
    /// Runs a statement on a database. When the statement fails because something holds the database, the exception
    /// names the holders instead.
    /// </summary>
    /// <exception cref="PersonNeededException"><c>tenant_held</c>.</exception>
    public static async Task RunAsync(
        NpgsqlConnection session, string database, Func<Task> changeAsync, CancellationToken cancellationToken)
    {
        try
        {
            await changeAsync();
        }
        catch (PostgresException e) when (DatabaseHolders.MayExplain(e))
        {
            var portal = await ServerPrivileges.ReadAsync(session, cancellationToken);
            DemandNone(database, [.. portal.InWords(),
                .. await DatabaseHolders.ReadAsync(session, database, cancellationToken)]);
            throw;
        }
    }
}
