using Vigia.Core.Errors;

namespace Vigia.Core.Master;

/// <summary>Which master this process works for, and whether it may change anything (invariant 11). Filled at start, before any work.</summary>
public sealed class MasterIdentity
{
    /// <summary>Part of every marker.</summary>
    public Guid MasterId { get; internal set; }

    /// <summary>Why this master is read-only (where it was and where it is now); null when it is writable.</summary>
    public Message? ReadOnly { get; internal set; }

    /// <summary>First eight hexadecimal digits of the master's id, for names on a shared server.</summary>
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
