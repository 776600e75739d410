namespace Vigia.Portal.Components.Sessions;

/// <summary>How often an open page asks how its sign-in stands. Not settings: who ends a sign-in counts on a minute at most.</summary>
internal sealed class SessionPace
{
    /// <summary>Between two looks while nobody does anything.</summary>
    public TimeSpan Look { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a look may take before what the browser sends waits for it; and between two looks while it is locked.</summary>
    public TimeSpan Trust { get; set; } = TimeSpan.FromSeconds(5);
}
