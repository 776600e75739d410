using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Operations;

/// <summary>The route of an operation's page. The address of another operation creates a new page.</summary>
[Route(PortalUrls.OperationRoute)]
[RequiresRight(Rights.OperationsView)]
public sealed class OperationByAddress : PageOf<OperationDetailsPage, Guid>;
