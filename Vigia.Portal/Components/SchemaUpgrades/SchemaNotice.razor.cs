using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Registry.Feed;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.SchemaUpgrades;

/// <summary>Says how many databases are behind this build. Renders nothing when none is.</summary>
public sealed partial class SchemaNotice(ChangeFeed feed, SchemaOverview fleet) : LiveComponent(feed)
{
    private readonly LatestRead _counting = new();
    private SchemaFigures? _figures;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override async Task OnInitializedAsync()
    {
        Watch(ChangeTopic.Tenants, _ => CountAsync());
        await CountAsync();
    }

    private Task CountAsync() =>
        ReadAsync(_counting, until => fleet.CountAsync(Actor, until), figures => _figures = figures);
}
