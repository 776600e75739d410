using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Registry.Feed;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.SchemaUpgrades;

/// <summary>Says how many databases are behind this build. Renders nothing when none is.</summary>
public sealed partial class SchemaNotice(PageFeed feed, SchemaOverview fleet) : LiveComponent(feed)
{
    private readonly LatestRead _counting = new();
    private SchemaFigures? _figures;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    /// <summary>Called with the number when it is read.</summary>
    [Parameter]
    public EventCallback<int> Counted { get; set; }

    protected override async Task OnInitializedAsync()
    {
        await FollowSharedAsync(CountAsync, ChangeTopic.Tenants);
    }

    private async Task CountAsync()
    {
        await ReadAsync(
            _counting,
            until => Feed.SharedAsync(
                Actor, SchemaFiguresQuestion.Of, reading => fleet.CountAsync(Actor, reading), until),
            figures => _figures = figures);
        await Counted.InvokeAsync(_figures?.Behind ?? 0);
    }
}
