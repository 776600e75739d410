using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using MudBlazor;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Layout;

/// <summary>
/// The global search: a field and its results. The arrow keys select, and Enter opens the result for the current text.
/// A late answer never overwrites a newer one.
/// </summary>
public sealed partial class SearchDialog(
    TimeProvider time, ILogger<SearchDialog> logger, BrowserCalls browser) : IDisposable
{
    private const int MinimumLength = 2;
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(150);
    private IReadOnlyList<TenantHit> _hits = [];
    private CancellationTokenSource? _running;
    private string _text = "";
    private string _answered = "";
    private int _chosen;
    private bool _searching;
    private bool _failed;

    // Enter was pressed before the results for the current text arrived.
    private bool _opensFirst;

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = default!;

    [Parameter, EditorRequired]
    public Func<string, CancellationToken, Task<IReadOnlyList<TenantHit>>> Find { get; set; } = default!;

    private string Note => this switch
    {
        { _failed: true } => T["SearchFailed"],
        { _text.Length: < MinimumLength } => T["SearchStart"],
        { _hits.Count: > 0 } => T["SearchCount", _hits.Count],
        { _searching: false } when _answered == _text.Trim() => T["SearchNothing", _answered],
        _ => "",
    };

    public void Dispose()
    {
        _running?.Cancel();
        _running?.Dispose();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            browser.Send("vigia.focus", "global-search");
        }
    }

    private static string OptionId(int index) => $"global-search-{index}";

    private async Task SearchAsync(ChangeEventArgs e)
    {
        _text = e.Value?.ToString() ?? "";
        Dispose();
        _running = new CancellationTokenSource();
        var cancellationToken = _running.Token;
        var wanted = _text.Trim();
        (_failed, _opensFirst) = (false, false);
        _searching = wanted.Length >= MinimumLength;
        if (!_searching)
        {
            (_hits, _chosen) = ([], 0);
            return;
        }

        try
        {
            await Task.Delay(Settle, time, cancellationToken);
            var found = await Find(wanted, cancellationToken);
            if (!cancellationToken.IsCancellationRequested)
            {
                (_hits, _chosen, _answered, _searching) = (found, 0, wanted, false);
                if (_opensFirst && found.Count > 0)
                {
                    Open(found[0]);
                }
            }
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // A newer text was typed, or the dialog was closed.
            return;
        }
        catch (Exception exception)
        {
            LogFailed(logger, exception);
            (_hits, _failed, _searching) = ([], true, false);
        }
    }

    private async Task OnKeyAsync(KeyboardEventArgs e)
    {
        // The listed results are for an earlier text.
        if (_searching)
        {
            _opensFirst |= e.Key == "Enter";
            return;
        }

        if (_hits.Count == 0)
        {
            return;
        }

        if (e.Key == "Enter")
        {
            Open(_hits[_chosen]);
            return;
        }

        _chosen = e.Key switch
        {
            "ArrowDown" => (_chosen + 1) % _hits.Count,
            "ArrowUp" => (_chosen + _hits.Count - 1) % _hits.Count,
            _ => _chosen,
        };
        browser.Send("vigia.scrollIntoView", OptionId(_chosen));
    }

    private void Open(TenantHit hit)
    {
        Dialog.Close();
        browser.GoTo(PortalUrls.Tenant(hit.Id));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The global search failed")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
