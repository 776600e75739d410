namespace Vigia.Portal.Components.Shared;

/// <summary>
/// Whether the session of a circuit is locked. Then the browser has taken the page away, and nothing is read or drawn
/// for it.
/// </summary>
public sealed class CircuitLock
{
    /// <summary>Raised when the session was locked or unlocked. Not on the circuit.</summary>
    public event Action? Changed;

    public bool IsLocked { get; private set; }

    /// <summary>Says how the session stands now.</summary>
    internal void Set(bool isLocked)
    {
        if (IsLocked != isLocked)
        {
            IsLocked = isLocked;
            Changed?.Invoke();
        }
    }
}
