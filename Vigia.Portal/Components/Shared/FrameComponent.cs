namespace Vigia.Portal.Components.Shared;

/// <summary>
/// A live component of the frame around every page: a count in the menu, a band, notices. It stands outside the page's
/// error boundary. When a read fails, it keeps its last value, writes to the log and reads again.
/// </summary>
public abstract class FrameComponent(PageFeed feed) : LiveComponent(feed)
{
    protected override bool Survives(Exception exception, bool isFirst) => true;
}
