using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Shared;

/// <summary>The shape of rows that are on their way.</summary>
public sealed partial class Skeleton
{
    [Parameter]
    public int Rows { get; set; } = 6;
}
