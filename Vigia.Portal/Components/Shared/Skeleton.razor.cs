using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Shared;

/// <summary>A placeholder for rows that are loading.</summary>
public sealed partial class Skeleton
{
    [Parameter]
    public int Rows { get; set; } = 6;
}
