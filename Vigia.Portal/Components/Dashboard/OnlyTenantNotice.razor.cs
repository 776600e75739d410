using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Configuration;

namespace Vigia.Portal.Components.Dashboard;

/// <summary>
/// Says that this installation has a single tenant, which is in no list (docs/rules.md#single-tenant). Renders nothing
/// where there is none.
/// </summary>
public sealed partial class OnlyTenantNotice(VigiaSettings settings) : ComponentBase;
