using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Registry.Audit;

/// <summary>
/// The result of a verification of the trail. It is stored so that every page of every instance can show what is wrong.
/// </summary>
public sealed class AuditCheck
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public DateTimeOffset At { get; init; }

    /// <summary>The operation that verified. Null when a person verified on the page.</summary>
    public Guid? OperationId { get; init; }
    public long Rows { get; init; }

    /// <summary>The number of places that do not hold. 0 when the trail holds.</summary>
    public long Broken { get; init; }
    public long? FirstBroken { get; init; }
    public long? LastBroken { get; init; }

    /// <summary>The fault of the first of them.</summary>
    public Message? Why { get; init; }

    /// <summary>Whether this is the newest result.</summary>
    public bool IsLast { get; set; }
}
