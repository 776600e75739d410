using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Adoption;

/// <summary>
/// The rows of the registry that break a rule. Finding them reads the whole registry, so they are read when the page
/// opens and when a person asks, not with each change.
/// </summary>
public sealed partial class CorrectionSection(RegistryCorrections corrections)
{
    private readonly LatestRead _reading = new();
    private IReadOnlyList<RowToCorrect>? _rows;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override Task OnInitializedAsync() => ReadRowsAsync();

    private Task ReadRowsAsync() =>
        ReadAsync(_reading, until => corrections.ListAsync(Actor, until), rows => _rows = rows);
}
