using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Layout;

/// <summary>
/// The bands above every page: the name of a portal that is not production, and notices about the whole portal.
/// </summary>
public sealed partial class PortalBands(PortalNotices notices)
{
}
