using System.Collections.Concurrent;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Foundation.Access;

/// <summary>A call that costs others so much that one person may have only one of its kind running.</summary>
public enum HeavyCall
{
    /// <summary>Verifies the whole audit trail.</summary>
    Verification,

    /// <summary>Writes a file of tenants or of the audit trail, or prints it.</summary>
    Export,

    /// <summary>Tries a tenant's database, which takes a connection from requests.</summary>
    Diagnosis,

    /// <summary>Looks at a database that the portal did not make: at its catalogue, and at what is inside.</summary>
    Inspection,
}

/// <summary>The same person has such a call running. Nothing was done.</summary>
/// <param name="code">
/// The reason: <c>verification_running</c>, <c>export_running</c>, <c>diagnosis_running</c> or
/// <c>inspection_running</c>.
/// </param>
public sealed class AlreadyRunningException(string code) : RuleException(code)
{
    /// <summary>When it is worth trying again. The running call may take longer.</summary>
    public static TimeSpan RetryAfter { get; } = TimeSpan.FromSeconds(10);
}

/// <summary>
/// Lets each person run one heavy call of a kind at a time, so that nobody keeps the master busy alone. Each instance
/// counts on its own. State of the process: who runs what.
/// </summary>
public sealed class OneAtATime
{
    private readonly ConcurrentDictionary<(Guid? Who, HeavyCall Call), byte> _running = new();

    /// <summary>Begins a call of a person or of a service account. It ends when the answer is disposed of.</summary>
    /// <exception cref="AlreadyRunningException">The person runs one already.</exception>
    public IDisposable Begin(Guid? who, HeavyCall call)
    {
        var key = (who, call);
        return _running.TryAdd(key, 0)
            ? new Turn(_running, key)
            : throw new AlreadyRunningException(call switch
            {
                HeavyCall.Verification => "verification_running",
                HeavyCall.Export => "export_running",
                HeavyCall.Inspection => "inspection_running",
                _ => "diagnosis_running",
            });
    }

    private sealed class Turn(
        ConcurrentDictionary<(Guid? Who, HeavyCall Call), byte> running, (Guid? Who, HeavyCall Call) key)
        : IDisposable
    {
        private int _ended;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _ended, 1) == 0)
            {
                running.TryRemove(key, out _);
            }
        }
    }
}
