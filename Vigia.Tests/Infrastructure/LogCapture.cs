using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Vigia.Tests.Infrastructure;

/// <summary>Keeps everything that is logged: messages, their values, exceptions and scopes.</summary>
public sealed class LogCapture : ILoggerProvider, ISupportExternalScope
{
    private readonly ConcurrentQueue<string> _lines = new();
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    public IReadOnlyList<string> Lines => [.. _lines];

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
        // The entries are read after the host has been disposed of.
    }

    private static string Values(object? state) => state is IEnumerable<KeyValuePair<string, object?>> values
        ? string.Join(", ", values.Select(v => $"{v.Key}={v.Value}")) : $"{state}";

    private sealed class Logger(LogCapture capture, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => capture._scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?,
            string> formatter)
        {
            var scopes = new List<string>();
            capture._scopes.ForEachScope((scope, all) => all.Add(Values(scope)), scopes);
            capture._lines.Enqueue(
                $"{logLevel} {category}: {formatter(state, exception)} [{Values(state)}] "
                + $"[{string.Join("; ", scopes)}] {exception}");
        }
    }
}
