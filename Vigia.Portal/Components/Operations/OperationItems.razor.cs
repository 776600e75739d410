using System.Globalization;
using Microsoft.AspNetCore.Components;
using Vigia.Core.Feed;
using Vigia.Core.Operations;
using Vigia.Core.Staff;

namespace Vigia.Portal.Components.Operations;

/// <summary>What became of each client of an operation on many, live; what went wrong comes first, but no row moves while a hand is in the list.</summary>
public sealed partial class OperationItems
{
    private const int PageSize = 50;
    private OperationItemPage? _page;
    private OperationItemState? _state;
    private int _number = 1;
    private bool _hand;

    [Parameter, EditorRequired]
    public Guid OperationId { get; set; }

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    /// <summary>What is begun for a single client, where something is.</summary>
    [Parameter]
    public string ChildKind { get; set; } = "provision_tenant";

    [Inject]
    private OperationService Operations { get; set; } = default!;

    private int First => ((_page!.Page - 1) * _page.PageSize) + 1;

    protected override async Task OnInitializedAsync()
    {
        Watch(ChangeTopic.Operations, changes => changes.Concerns(OperationId) ? RefreshAsync() : Task.CompletedTask);
        await ReadAsync();
    }

    private static string Number(int count) => count.ToString("N0", CultureInfo.CurrentCulture);

    private Task ShowAsync(OperationItemState? state)
    {
        (_state, _number) = (state, 1);
        return ReadAsync();
    }

    private Task TurnAsync(int pages)
    {
        _number = _page!.Page + pages;
        return ReadAsync();
    }

    private async Task RefreshAsync()
    {
        var shown = _hand ? _page?.Items : null;
        await ReadAsync();
        if (shown is not null)
        {
            var now = _page!.Items.ToDictionary(item => item.TenantId);
            _page = _page with { Items = [.. shown.Select(item => now.GetValueOrDefault(item.TenantId, item))] };
        }
    }

    private async Task ReadAsync() => _page = await Operations.ItemsAsync(Actor, OperationId, _state, _number, PageSize, Ending);
}
