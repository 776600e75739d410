namespace Vigia.Portal.Components.Shared;

/// <summary>
/// Marks a whole page that a <see cref="PageOf{TPage, TId}"/> makes, as a route marks the others. While it is opened it
/// may fail: it shows nothing yet.
/// </summary>
public interface IWholePage;
