using System.ComponentModel.DataAnnotations;

namespace Vigia.Core.Staff.Approvals;

/// <summary>Section <c>Approvals</c>: which actions need a second person.</summary>
public sealed class ApprovalOptions
{
    public const string Section = "Approvals";

    /// <summary>
    /// Whether moving a production tenant to the trash waits until another administrator approves it. Without the
    /// setting it does where a master is configured, and does not on the private PostgreSQL.
    /// </summary>
    public bool HardDelete { get; set; }

    /// <summary>Hours after which an undecided request expires.</summary>
    [Range(1, 168, ErrorMessage = "it is a whole number of hours from 1 to 168")]
    public int ExpireAfterHours { get; set; } = 24;
}
