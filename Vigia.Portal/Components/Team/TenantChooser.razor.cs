using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.Team;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Team;

/// <summary>Selects tenants one by one. The search covers all their fields.</summary>
public sealed partial class TenantChooser(TenantSearch tenants)
{
    private const int Most = 6;
    private const string ChosenId = "chosen-tenants";
    private IReadOnlyList<TenantHit> _hits = [];
    private CancellationTokenSource? _search;
    private bool _nothing;
    private bool _searching;

    // Enter was pressed before the results for the current text arrived.
    private bool _addsFirst;
    private int _round;

    /// <summary>The selected ids. The component adds and removes them in place.</summary>
    [Parameter, EditorRequired]
    public IList<ScopedTenant> Chosen { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Parameter]
    public string? Error { get; set; }

    /// <summary>Raised when a tenant was added or removed.</summary>
    [Parameter]
    public EventCallback Changed { get; set; }

    [CascadingParameter]
    private DraftForm? Draft { get; set; }

    private string Ids => string.Join(',', Chosen.Select(tenant => tenant.Id));

    protected override void Leave() => _search?.Dispose();

    internal static string Name(ScopedTenant tenant) =>
        string.IsNullOrWhiteSpace(tenant.LegalName) ? $"#{tenant.Id}" : tenant.LegalName;

    private async Task SearchAsync(ChangeEventArgs e)
    {
        var text = e.Value?.ToString() ?? "";
        var newest = Newest(ref _search);
        (_searching, _addsFirst) = (true, false);
        try
        {
            var found = string.IsNullOrWhiteSpace(text) ? []
                : await tenants.FindAnywhereAsync(Actor, text, Most + Chosen.Count, newest);
            newest.ThrowIfCancellationRequested();
            _hits = [.. found.Where(hit => Chosen.All(c => c.Id != hit.Id)).Take(Most)];
            _nothing = _hits.Count == 0 && !string.IsNullOrWhiteSpace(text);
            _searching = false;
            if (_addsFirst && _hits.Count > 0)
            {
                await AddAsync(_hits[0]);
            }
        }
        catch (Exception) when (newest.IsCancellationRequested)
        {
            // A newer text is being searched.
            return;
        }
    }

    private async Task OnKeyAsync(KeyboardEventArgs e)
    {
        if (e.Key != "Enter")
        {
            return;
        }

        // The listed results are for an earlier text, so the first one may be another tenant.
        if (_searching)
        {
            _addsFirst = true;
        }
        else if (_hits.Count > 0)
        {
            await AddAsync(_hits[0]);
        }
    }

    // Creates a new, empty input element, because the browser keeps the value of the old one.
    private Task AddAsync(TenantHit hit)
    {
        Chosen.Add(new ScopedTenant(hit.Id, hit.LegalName));
        (_hits, _nothing, _addsFirst) = ([], false, false);
        _round++;
        return ChangedAsync();
    }

    private Task RemoveAsync(ScopedTenant tenant)
    {
        Chosen.Remove(tenant);
        return ChangedAsync();
    }

    private Task ChangedAsync()
    {
        Draft?.Keep(ChosenId, Ids);
        return Changed.InvokeAsync();
    }

    // The browser knows the ids only. A tenant that the person may not see, or that is gone, is left out.
    private async Task RestoreAsync(ChangeEventArgs e)
    {
        int[] ids = [.. (e.Value?.ToString() ?? "").Split(',').Select(ParseId).OfType<int>().Distinct()];
        var known = Chosen.ToDictionary(tenant => tenant.Id);
        int[] others = [.. ids.Where(id => !known.ContainsKey(id))];
        if (others.Length > 0)
        {
            foreach (var (id, tenant) in await WhileHereAsync(tenants.FindAsync(Actor, others, Ending)))
            {
                known[id] = new ScopedTenant(id, tenant.Row.LegalName);
            }

            // Names may have arrived meanwhile.
            foreach (var tenant in Chosen)
            {
                known[tenant.Id] = tenant;
            }
        }

        Chosen.Clear();
        foreach (var id in ids.Where(known.ContainsKey))
        {
            Chosen.Add(known[id]);
        }

        await Changed.InvokeAsync();
    }

    private static int? ParseId(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
}
