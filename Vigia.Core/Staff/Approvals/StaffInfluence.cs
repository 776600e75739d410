namespace Vigia.Core.Staff.Approvals;

/// <summary>
/// Records that somebody took part in giving a member of staff access and so may have used the account since. Written
/// in the transaction of the change and never altered. Decides who may approve whose requests
/// (<see cref="InfluenceGraph"/>).
/// </summary>
public sealed class StaffInfluence
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>The member of staff whose account it is.</summary>
    public Guid StaffId { get; init; }

    /// <summary>
    /// The person who asked for it. Null for the server's console, which does not count as anybody's influence.
    /// </summary>
    public Guid? ById { get; init; }

    /// <summary>The name as the audit trail prints it.</summary>
    public required string ByName { get; init; }

    /// <summary>The kind of the influence.</summary>
    public required InfluenceKind Kind { get; init; }

    public DateTimeOffset At { get; init; }
}

/// <summary>How somebody took part in the access of a member of staff.</summary>
public enum InfluenceKind
{
    Made,
    LinkRenewed,
    SecondFactorReset,
    AccessChanged,
    Enabled,

    /// <summary>The server's console made the person an administrator.</summary>
    ConsoleMade,

    /// <summary>The server's console gave the person their access back.</summary>
    ConsoleRecovered,
}
