using Microsoft.AspNetCore.Components;
using Vigia.Core.Feed;
using Vigia.Core.Fleet;
using Vigia.Core.Staff;

namespace Vigia.Portal.Components.Databases;

/// <summary>Says how many databases are behind this portal; nothing when none is.</summary>
public sealed partial class SchemaNotice
{
    private SchemaFigures? _figures;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Inject]
    private SchemaFleet Fleet { get; set; } = default!;

    protected override async Task OnInitializedAsync()
    {
        Watch(ChangeTopic.Tenants, _ => CountAsync());
        await CountAsync();
    }

    private async Task CountAsync() => _figures = await Fleet.CountAsync(Actor, Ending);
}
