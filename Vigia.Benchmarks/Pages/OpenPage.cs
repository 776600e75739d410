using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace Vigia.Benchmarks.Pages;

/// <summary>
/// One open page as the server sees it: a circuit that renders, whose renders are acknowledged and whose calls of the
/// browser are answered. The work of a browser is left out.
/// </summary>
internal sealed partial class OpenPage : IAsyncDisposable
{
    private readonly HubConnection _connection;
    private readonly TaskCompletionSource _drawn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _renders;

    private OpenPage(HubConnection connection) => _connection = connection;

    /// <summary>How many times the server has drawn.</summary>
    public int Renders => _renders;

    public static async Task<OpenPage> OpenAsync(
        HttpClient visitor, string cookies, Uri address, CancellationToken cancellationToken)
    {
        var html = await visitor.GetStringAsync(address, cancellationToken);
        var markers = Marker().Matches(html).Select(match => match.Groups[1].Value).ToList();
        var connection = new HubConnectionBuilder().WithUrl(
            new Uri(visitor.BaseAddress!, "/_blazor"), HttpTransportType.WebSockets, options =>
            {
                options.Headers["Cookie"] = cookies;
                options.Headers["Origin"] = visitor.BaseAddress!.GetLeftPart(UriPartial.Authority);
            }).WithKeepAliveInterval(TimeSpan.FromSeconds(15));
        connection.Services.AddSingleton<IHubProtocol>(new BlazorProtocol());
        var page = new OpenPage(connection.Build());
        await page.StartAsync(new Uri(visitor.BaseAddress!, address), markers, cancellationToken);
        return page;
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async Task StartAsync(Uri address, List<string> markers, CancellationToken cancellationToken)
    {
        _connection.On<long, byte[]>("JS.RenderBatch", async (batch, _) =>
        {
            Interlocked.Increment(ref _renders);
            await _connection.SendAsync("OnRenderCompleted", batch, null, CancellationToken.None);
            if (_renders >= 4)
            {
                _drawn.TrySetResult();
            }
        });
        _connection.On<long, string, string, int, long, int>("JS.BeginInvokeJS", (call, _, _, _, _, _) => Answer(call));
        _connection.On<string>("JS.BeginInvokeJS", Answer);
        _connection.On<string>("JS.Error", error => _drawn.TrySetException(new InvalidOperationException(error)));
        _connection.On<int, string>("JS.AttachComponent", (_, _) => { });
        _connection.Closed += exception =>
        {
            _drawn.TrySetException(exception ?? new InvalidOperationException("The circuit was closed."));
            return Task.CompletedTask;
        };
        await _connection.StartAsync(cancellationToken);
        var root = new Uri(address, "/").ToString();
        await _connection.InvokeAsync<string>("StartCircuit", root, address.ToString(), "[]", "", cancellationToken);
        var operations = string.Join(',', markers.Select((marker, i) =>
            $$"""{"type":"add","ssrComponentId":{{i + 1}},"marker":{{marker}}}"""));
        await _connection.SendAsync(
            "UpdateRootComponents", $$"""{"batchId":1,"operations":[{{operations}}]}""", "", cancellationToken);
        await _drawn.Task.WaitAsync(TimeSpan.FromSeconds(60), cancellationToken);
    }

    private void Answer(string invocation)
    {
        var call = CallId().Match(invocation);
        if (call.Success)
        {
            Answer(long.Parse(call.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    // The browser has nothing stored and answers nothing.
    private void Answer(long call)
    {
        if (call != 0)
        {
            _ = _connection.SendAsync("EndInvokeJSFromDotNet", call, true, $"[{call},true,null]");
        }
    }

    [GeneratedRegex("<!--Blazor:(\\{\"type\":\"server\".*?\\})-->")]
    private static partial Regex Marker();

    [GeneratedRegex("\"(?:taskId|asyncHandle|TaskId)\":(\\d+)")]
    private static partial Regex CallId();
}
