using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Configuration;

namespace Vigia.Portal.Components.Shared;

/// <summary>The name of a portal that is not production, above every page. Renders nothing for production.</summary>
public sealed partial class EnvironmentBand(IOptions<PortalOptions> options)
{
}
