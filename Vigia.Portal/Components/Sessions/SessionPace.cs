namespace Vigia.Portal.Components.Sessions;

/// <summary>How often an open page asks how its sign-in stands. Not settings: who ends a sign-in counts on a minute at most.</summary>
internal sealed class SessionPace
{
    /// <summary>Between two looks while nobody does anything.</summary>
    public TimeSpan Look { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a look holds while somebody works: within it, a key stroke costs no query.</summary>
    public TimeSpan Trust { get; set; } = TimeSpan.FromSeconds(5);
}
