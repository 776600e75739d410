namespace Vigia.Core.Deletion;

/// <summary>Section <c>Trash</c> of the settings.</summary>
public sealed class TrashOptions
{
    public const string Section = "Trash";

    /// <summary>The least a production client stays in the trash, whoever asks (facts 7.16).</summary>
    public const int LeastDays = 7;

    /// <summary>Days in the trash unless more are asked for; may be raised, not lowered below <see cref="LeastDays"/>.</summary>
    public int RetentionDays { get; set; } = LeastDays;
}
