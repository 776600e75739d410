using System.Collections.Concurrent;
using System.Diagnostics;

namespace Vigia.Tests.Infrastructure;

/// <summary>The statements of this process on one database that mention a table, from now on.</summary>
internal sealed class Statements : IDisposable
{
    private readonly ActivityListener _listener;

    public Statements(string database, string table)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                var tags = activity.TagObjects.Select(tag => $"{tag.Value}").ToList();
                if (tags.Contains(database) && tags.Any(tag => tag.Contains(table, StringComparison.Ordinal)))
                {
                    Seen.Enqueue(activity.DisplayName);
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public ConcurrentQueue<string> Seen { get; } = new();

    public void Dispose() => _listener.Dispose();
}
