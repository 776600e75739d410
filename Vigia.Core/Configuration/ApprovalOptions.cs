using System.ComponentModel.DataAnnotations;

namespace Vigia.Core.Configuration;

/// <summary>Section <c>Approvals</c>: what needs a second person.</summary>
public sealed class ApprovalOptions
{
    public const string Section = "Approvals";

    /// <summary>Whether the hard delete of a client in production waits until another administrator approves it.</summary>
    public bool HardDelete { get; set; }

    /// <summary>Hours after which what nobody decided expires.</summary>
    [Range(1, 168, ErrorMessage = "it is a whole number of hours from 1 to 168")]
    public int ExpireAfterHours { get; set; } = 24;
}
