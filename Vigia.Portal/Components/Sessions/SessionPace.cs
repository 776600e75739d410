namespace Vigia.Portal.Components.Sessions;

/// <summary>
/// How often an open page checks its session. These are not settings, because a person who ends a session expects it to
/// take at most a minute.
/// </summary>
internal sealed class SessionPace
{
    /// <summary>The time between two checks.</summary>
    public TimeSpan Look { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How much longer than <see cref="Look"/> a check may take before messages from the browser wait for it. Also the
    /// time between two checks while the session is locked.
    /// </summary>
    public TimeSpan Trust { get; set; } = TimeSpan.FromSeconds(5);
}
