using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;

namespace Vigia.Portal.Components.Team;

/// <summary>Picks clients one by one, by anything that finds them.</summary>
public sealed partial class TenantChooser
{
    private const int Most = 6;
    private IReadOnlyList<TenantHit> _hits = [];
    private CancellationTokenSource? _search;
    private bool _nothing;
    private int _round;

    /// <summary>Those chosen; added to and taken from in place.</summary>
    [Parameter, EditorRequired]
    public IList<ScopedTenant> Chosen { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Parameter]
    public string? Error { get; set; }

    [Inject]
    private TenantSearch Tenants { get; set; } = default!;

    protected override void Leave() => _search?.Dispose();

    internal static string Name(ScopedTenant tenant) => string.IsNullOrWhiteSpace(tenant.LegalName) ? $"#{tenant.Id}" : tenant.LegalName;

    private async Task SearchAsync(ChangeEventArgs e)
    {
        var text = e.Value?.ToString() ?? "";
        var newest = Newest(ref _search);
        try
        {
            var found = string.IsNullOrWhiteSpace(text) ? [] : await Tenants.FindAnywhereAsync(Actor, text, Most + Chosen.Count, newest);
            newest.ThrowIfCancellationRequested();
            _hits = [.. found.Where(hit => Chosen.All(c => c.Id != hit.Id)).Take(Most)];
            _nothing = _hits.Count == 0 && !string.IsNullOrWhiteSpace(text);
        }
        catch (OperationCanceledException) when (newest.IsCancellationRequested)
        {
            // A newer text is being looked for.
            return;
        }
    }

    private void OnKey(KeyboardEventArgs e)
    {
        if (e.Key == "Enter" && _hits.Count > 0)
        {
            Add(_hits[0]);
        }
    }

    // A new input element, empty: the browser owns what is typed.
    private void Add(TenantHit hit)
    {
        Chosen.Add(new ScopedTenant(hit.Id, hit.LegalName));
        (_hits, _nothing) = ([], false);
        _round++;
    }
}
