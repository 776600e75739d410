using System.Text;
using System.Text.Json;
using Vigia.Core.Operations;

namespace Vigia.Portal.Api;

/// <summary>Writes one operation to a stream of server-sent events, and knows when it last sent anything.</summary>
internal sealed class EventStream(HttpResponse response, TimeProvider time)
{
    private string? _last;
    private long _sentAt = time.GetTimestamp();

    /// <summary>The time since the last byte.</summary>
    public TimeSpan Silence => time.GetElapsedTime(_sentAt);

    /// <summary>Sends the operation, unless it equals what was sent last.</summary>
    public async Task SendAsync(Operation operation, CancellationToken cancellationToken)
    {
        var json = JsonSerializer.Serialize(OperationAnswer.Of(operation), ApiJson.Options);
        if (json != _last)
        {
            await WriteAsync($"event: operation\ndata: {json}\n\n", cancellationToken);
            _last = json;
        }
    }

    /// <summary>Sends a comment, which callers ignore and proxies count.</summary>
    public Task SendHeartBeatAsync(CancellationToken cancellationToken) => WriteAsync(": \n\n", cancellationToken);

    private async Task WriteAsync(string text, CancellationToken cancellationToken)
    {
        await response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
        _sentAt = time.GetTimestamp();
    }
}
