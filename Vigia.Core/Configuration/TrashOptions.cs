using System.ComponentModel.DataAnnotations;

namespace Vigia.Core.Configuration;

/// <summary>Section <c>Trash</c>: how long a deleted client can be brought back.</summary>
public sealed class TrashOptions
{
    public const string Section = "Trash";

    /// <summary>
    /// Days that a client in production stays in the trash before it is purged. Seven is the floor whoever asks: safety records are
    /// kept by law, and the trash is the net under a mistaken deletion.
    /// </summary>
    [Range(7, 3650, ErrorMessage = "it can only be raised: a whole number of days from 7 to 3650")]
    public int RetentionDays { get; set; } = 7;
}
