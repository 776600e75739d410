using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Registry.Master;

/// <summary>
/// The master that this process works for, and whether it may be changed (docs/rules.md#copied-master). Set at the
/// start, before any work.
/// State of the process: the id of its master, and why it is read-only.
/// </summary>
public sealed class MasterIdentity
{
    /// <summary>The id of the master, which is part of every marker.</summary>
    public Guid MasterId { get; internal set; }

    /// <summary>Why this master is read-only (where it was and where it is now). Null when it is writable.</summary>
    public Message? ReadOnly { get; internal set; }

    /// <summary>The first eight hexadecimal digits of the master's id, for names on a shared server.</summary>
    public string ShortId => MasterId.ToString("N")[..8];

    /// <exception cref="RuleException"><c>read_only</c>.</exception>
    public void DemandWritable()
    {
        if (ReadOnly is not null)
        {
            throw new RuleException("read_only");
        }
    }
}
