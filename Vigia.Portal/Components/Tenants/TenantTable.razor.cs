using Microsoft.AspNetCore.Components;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>The rows of the registry. Reports whether the pointer or the focus is in them.</summary>
public sealed partial class TenantTable(BrowserCalls browser)
{
    private static readonly IReadOnlyList<(TenantOrder? Order, string Key, bool Right)> Columns =
    [
        (TenantOrder.LegalName, "Tenant", false), (TenantOrder.Subdomain, "Subdomain", false),
        (TenantOrder.Plan, "Plan", false), (null, "Environment", false),
        (TenantOrder.State, "State", false), (null, "Limits", false), (null, "Size", true),
        (TenantOrder.CreatedAt, "Created", true),
    ];

    private int? _last;
    private bool _some;

    /// <summary>The orders of the list, each with the key of its text.</summary>
    public static IReadOnlyList<(TenantOrder Order, string Key)> Orders { get; } =
        [.. Columns.Where(column => column.Order is not null).Select(column => (column.Order!.Value, column.Key))];

    /// <summary>The columns that can be hidden: all except the tenant and its status.</summary>
    public static IReadOnlyList<string> Optional { get; } =
        [.. Columns.Select(column => column.Key).Where(key => key is not ("Tenant" or "State"))];

    [Parameter]
    public TenantTableLook Look { get; set; } = TenantTableLook.Usual;

    [Parameter, EditorRequired]
    public IReadOnlyList<TenantView> Items { get; set; } = [];

    [Parameter, EditorRequired]
    public TenantListView View { get; set; } = default!;

    [Parameter]
    public IReadOnlyDictionary<string, string> PlanNames { get; set; } = new Dictionary<string, string>();

    /// <summary>The selected rows. Null when the person may not act on them.</summary>
    [Parameter]
    public TenantSelection? Selection { get; set; }

    [Parameter]
    public EventCallback OnSelected { get; set; }

    [Parameter]
    public EventCallback<TenantOrder> OnSort { get; set; }

    [Parameter]
    public EventCallback<bool> InUseChanged { get; set; }

    /// <summary>Whether every row on the page is selected.</summary>
    private bool IsWholePage => Items.Count > 0 && Items.All(tenant => Selection!.Contains(tenant.Id));

    protected override void OnAfterRender(bool firstRender)
    {
        // The indeterminate state of a checkbox is a property without an attribute, so a script sets it.
        var some = Selection is not null && !IsWholePage && Items.Any(tenant => Selection.Contains(tenant.Id));
        if (some != _some)
        {
            _some = some;
            browser.Send("vigia.setHalfTicked", "select-page", some);
        }
    }

    private bool Shows(string key) => !Look.Hidden.Contains(key);

    // Shift selects all rows from the previously selected one.
    private Task PickRowAsync(int id, bool range)
    {
        var chosen = !Selection!.Contains(id);
        var ids = Items.Select(tenant => tenant.Id).ToList();
        var (from, to) = (range && _last is { } last ? ids.IndexOf(last) : -1, ids.IndexOf(id));
        _last = id;
        return PickAsync(from < 0 ? [id] : ids.GetRange(Math.Min(from, to), Math.Abs(to - from) + 1), chosen);
    }

    private Task PickAsync(IEnumerable<int> ids, bool chosen)
    {
        Selection!.Set(ids, chosen);
        return OnSelected.InvokeAsync();
    }

    private string? PlanName(string? code) => code is null ? null : PlanNames.GetValueOrDefault(code, code);
}
