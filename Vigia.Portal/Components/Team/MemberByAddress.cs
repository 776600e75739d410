using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Team;

/// <summary>The route of a page about a member of staff. The address of another person creates a new page.</summary>
[Route(PortalUrls.TeamMemberRoute)]
[RequiresRight(Rights.StaffView)]
public sealed class MemberByAddress : PageOf<MemberPage, Guid>;
