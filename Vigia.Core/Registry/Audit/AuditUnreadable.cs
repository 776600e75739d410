using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Postgres;

namespace Vigia.Core.Registry.Audit;

/// <summary>
/// Recognises errors from reading the portal's own tables. The portal can read everything that it wrote, but the
/// database's owner can write values that it can't read: a missing value, a year after 9999, a column with another name
/// or type. Such an error is a finding. Only transient errors are thrown, so that the caller tries again.
/// </summary>
internal static class AuditUnreadable
{
    public static bool Is(Exception exception) =>
        exception is not OperationCanceledException && !TransientFailures.IsTransient(exception);

    public static Message Describe(Exception exception) =>
        new("audit_unreadable", exception is PostgresException { MessageText: var text } ? text : exception.Message);
}
