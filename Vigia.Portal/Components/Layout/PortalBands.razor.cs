using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using Vigia.Core.Configuration;

namespace Vigia.Portal.Components.Layout;

/// <summary>The bands over everything: which portal this is when it is not production, and what holds for all of it.</summary>
public sealed partial class PortalBands
{
    [Inject]
    private PortalNotices Notices { get; set; } = default!;

    [Inject]
    private IOptions<PortalOptions> Options { get; set; } = default!;
}
