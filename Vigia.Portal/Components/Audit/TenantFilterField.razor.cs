using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Tenants;

namespace Vigia.Portal.Components.Audit;

/// <summary>The choice of a person in a filter by tenant.</summary>
/// <param name="Id">The tenant that was chosen in the list; null when a text was entered.</param>
/// <param name="Text">The text; null for no filter.</param>
public sealed record TenantChoice(int? Id, string? Text);

/// <summary>
/// A filter by tenant. While a person types, it lists tenants that match; one of them can be chosen, or the text itself
/// entered.
/// </summary>
public sealed partial class TenantFilterField(TenantSearch tenants)
{
    private const int Most = 8;
    private IReadOnlyList<TenantHit> _hits = [];
    private CancellationTokenSource? _search;
    private int _at = -1;
    private bool _isChosen;

    [Parameter, EditorRequired]
    public string Id { get; set; } = "";

    [Parameter, EditorRequired]
    public string Label { get; set; } = "";

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    /// <summary>The name or text that is filtered by; null for none.</summary>
    [Parameter]
    public string? Value { get; set; }

    [Parameter, EditorRequired]
    public EventCallback<TenantChoice> OnChosen { get; set; }

    protected override void Leave() => _search?.Dispose();

    private static string NameOf(TenantHit hit) => TenantNames.Of(hit.Id, hit.LegalName, hit.Subdomain);

    private string OptionId(int index) => $"{Id}-{index}";

    private async Task SearchAsync(ChangeEventArgs e)
    {
        var text = e.Value?.ToString() ?? "";
        var newest = Newest(ref _search);
        (_isChosen, _at) = (false, -1);
        try
        {
            var found = string.IsNullOrWhiteSpace(text) || !Actor.May(Rights.TenantsView) ? []
                : await tenants.FindAnywhereAsync(Actor, text, Most, newest);
            newest.ThrowIfCancellationRequested();
            _hits = found;
        }
        catch (Exception) when (newest.IsCancellationRequested)
        {
            // A newer text is being searched.
            return;
        }
    }

    private Task OnKeyAsync(KeyboardEventArgs e)
    {
        switch (e.Key)
        {
            case "ArrowDown" when _hits.Count > 0:
                _at = (_at + 1) % _hits.Count;
                break;
            case "ArrowUp" when _hits.Count > 0:
                _at = (Math.Max(_at, 0) + _hits.Count - 1) % _hits.Count;
                break;
            case "Escape":
                Close();
                break;
            case "Enter" when _at >= 0:
                return ChooseAsync(_hits[_at]);
        }

        return Task.CompletedTask;
    }

    private Task ChooseAsync(TenantHit hit)
    {
        Close();
        _isChosen = true;
        return OnChosen.InvokeAsync(new TenantChoice(hit.Id, null));
    }

    // The browser also reports the typed text as changed after a tenant was chosen.
    private Task ApplyTextAsync(ChangeEventArgs e)
    {
        Close();
        if (_isChosen)
        {
            return Task.CompletedTask;
        }

        var text = e.Value?.ToString()?.Trim();
        return OnChosen.InvokeAsync(new TenantChoice(null, string.IsNullOrEmpty(text) ? null : text));
    }

    private void Close()
    {
        _search?.Cancel();
        (_hits, _at) = ([], -1);
    }
}
