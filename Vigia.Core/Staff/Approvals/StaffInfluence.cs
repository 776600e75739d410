namespace Vigia.Core.Staff.Approvals;

/// <summary>
/// Records that somebody took part in giving a member of staff access and so may have used the account since. Written
/// in the transaction of the change and never altered. Decides who may approve whose requests
/// (<see cref="InfluenceGraph"/>).
/// </summary>
public sealed class StaffInfluence
{
    public const string Made = "made";
    public const string LinkRenewed = "link_renewed";
    public const string SecondFactorReset = "second_factor_reset";
    public const string AccessChanged = "access_changed";
    public const string Enabled = "enabled";

    /// <summary>The server's console made the person an administrator.</summary>
    public const string ConsoleMade = "console_made";

    /// <summary>The server's console gave the person their access back.</summary>
    public const string ConsoleRecovered = "console_recovered";

    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>The member of staff whose account it is.</summary>
    public Guid StaffId { get; init; }

    /// <summary>
    /// The person who asked for it. Null for the server's console, which does not count as anybody's influence.
    /// </summary>
    public Guid? ById { get; init; }

    /// <summary>The name as the audit trail prints it.</summary>
    public required string ByName { get; init; }

    /// <summary>What was done; one of the constants.</summary>
    public required string Kind { get; init; }

    public DateTimeOffset At { get; init; }
}
