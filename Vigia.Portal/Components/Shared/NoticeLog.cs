using MudBlazor;

namespace Vigia.Portal.Components.Shared;

/// <summary>A notice that was shown.</summary>
/// <param name="Text">The text, in the language of the person.</param>
/// <param name="Severity">How good or bad it was.</param>
/// <param name="At">When it was shown.</param>
/// <param name="Address">The page about it; null without one.</param>
public sealed record SaidNotice(string Text, Severity Severity, DateTimeOffset At, string? Address);

/// <summary>The notices of this tab, newest first, for the bell: a notice that is gone can still be read.</summary>
public sealed class NoticeLog
{
    private const int Most = 50;
    private readonly List<SaidNotice> _said = [];

    /// <summary>Raised when a notice was added.</summary>
    public event Action? Added;

    public IReadOnlyList<SaidNotice> Said => _said;

    /// <summary>How many notices were added since the person last looked.</summary>
    public int Unread { get; private set; }

    public void Add(SaidNotice notice)
    {
        _said.Insert(0, notice);
        Unread++;
        Trim();
        Added?.Invoke();
    }

    /// <summary>Adds the notices that the browser kept from before a reload.</summary>
    public void AddEarlier(IEnumerable<SaidNotice> earlier)
    {
        _said.AddRange(earlier);
        Trim();
    }

    public void MarkRead() => Unread = 0;

    private void Trim() => _said.RemoveRange(Math.Min(Most, _said.Count), Math.Max(0, _said.Count - Most));
}
