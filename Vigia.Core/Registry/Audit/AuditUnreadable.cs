using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Postgres;

namespace Vigia.Core.Registry.Audit;

/// <summary>
/// Recognises errors from reading the portal's own tables. The portal can read everything that it wrote, but the
/// database's owner can write values that it can't read: a missing value, a year after 9999, a column with another name
/// or type. Such an error is a finding. So is a file that is missing on the server's disk. An error that says nothing
/// about the rows is thrown, so that the caller tries again: a transient one, a server that refuses or ends sessions,
/// and one that lacks something.
/// </summary>
internal static class AuditUnreadable
{
    public static bool Is(Exception exception) =>
        exception is not OperationCanceledException && !TransientFailures.IsTransient(exception)
        && !(TransientFailures.Cause(exception) is PostgresException e
            && (TransientFailures.EndedSession(e) || SqlStates.IsShortage(e.SqlState)));

    public static Message Describe(Exception exception) =>
        new Message(
            "audit_unreadable", exception is PostgresException { MessageText: var text } ? text : exception.Message)
            .Bounded();
}
