using Microsoft.AspNetCore.Components;
using Vigia.Core.Tenants;

namespace Vigia.Portal.Components.Tenants;

/// <summary>The rows of the registry; says when a hand (pointer or focus) is in them.</summary>
public sealed partial class TenantTable
{
    private static readonly IReadOnlyList<(TenantOrder? Order, string Key, bool Right)> Columns =
    [
        (TenantOrder.LegalName, "Client", false), (TenantOrder.Subdomain, "Subdomain", false), (TenantOrder.Plan, "Plan", false), (null, "Environment", false),
        (TenantOrder.State, "State", false), (null, "Limits", false), (null, "Size", true), (TenantOrder.CreatedAt, "Created", true),
    ];

    /// <summary>The columns one may leave out: all but the client and its state.</summary>
    public static IReadOnlyList<string> Optional { get; } = [.. Columns.Select(column => column.Key).Where(key => key is not ("Client" or "State"))];

    [Parameter]
    public TenantTableLook Look { get; set; } = TenantTableLook.Usual;

    [Parameter, EditorRequired]
    public IReadOnlyList<TenantView> Items { get; set; } = [];

    [Parameter, EditorRequired]
    public TenantListView View { get; set; } = default!;

    [Parameter]
    public IReadOnlyDictionary<string, string> PlanNames { get; set; } = new Dictionary<string, string>();

    [Parameter]
    public EventCallback<TenantOrder> OnSort { get; set; }

    [Parameter]
    public EventCallback<bool> HandChanged { get; set; }

    private bool Shows(string key) => !Look.Hidden.Contains(key);

    private Task HandAsync(bool isIn) => HandChanged.InvokeAsync(isIn);

    private string? PlanName(string? code) => code is null ? null : PlanNames.GetValueOrDefault(code, code);
}
