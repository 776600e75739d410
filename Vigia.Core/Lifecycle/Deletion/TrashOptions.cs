using System.ComponentModel.DataAnnotations;

namespace Vigia.Core.Lifecycle.Deletion;

/// <summary>Section <c>Trash</c>: how long a deleted tenant can be restored.</summary>
public sealed class TrashOptions
{
    public const string Section = "Trash";

    /// <summary>
    /// Days that a production tenant stays in the trash before it is purged. Nobody can go below seven: safety records
    /// must be kept by law, and the trash protects against a mistaken deletion.
    /// </summary>
    [Range(7, 3650, ErrorMessage = "it can only be raised: a whole number of days from 7 to 3650")]
    public int RetentionDays { get; set; } = 7;
}
