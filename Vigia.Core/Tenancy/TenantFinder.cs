using Vigia.Core.Registry.Feed;

namespace Vigia.Core.Tenancy;

/// <summary>
/// Decides which tenant a request is for, as <see cref="TenantResolver"/> does. While changes of the registry do not
/// arrive here, it asks the registry before it answers that nobody has a name, or that two names belong to two tenants.
/// See docs/rules.md#tenant-resolution. State of the process: the names that were asked for in the last moments.
/// </summary>
public sealed class TenantFinder
{
    // Strangers choose the names. Each question costs the master two queries.
    internal const int MostQuestions = 20;
    internal static readonly TimeSpan Remembered = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestQuestion = TimeSpan.FromSeconds(3);

    private readonly TenantCatalog _catalog;
    private readonly TenantCatalogReader _reader;
    private readonly TenantResolver _resolver;
    private readonly MasterNotifications _notifications;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, Question> _questions = new(StringComparer.Ordinal);
    private readonly Lock _asking = new();

    internal TenantFinder(
        TenantCatalog catalog, TenantCatalogReader reader, TenantResolver resolver, MasterNotifications notifications,
        TimeProvider time) =>
        (_catalog, _reader, _resolver, _notifications, _time) = (catalog, reader, resolver, notifications, time);

    /// <summary>Resolves what the request says. Asks no database while changes of the registry arrive.</summary>
    public ValueTask<TenantResolution> ResolveAsync(TenantClues clues, CancellationToken cancellationToken)
    {
        var resolution = _resolver.Resolve(clues);
        return resolution.Refusal is TenantRefusal.Unknown or TenantRefusal.Mismatch
            && (_notifications.IsLost || _notifications.IsPolling)
            ? new(AskAsync(clues, resolution, cancellationToken)) : new(resolution);
    }

    private async Task<TenantResolution> AskAsync(
        TenantClues clues, TenantResolution resolution, CancellationToken cancellationToken)
    {
        // A request that contradicts itself about names that are known here is refused without a question.
        var names = new[] { clues.Header, clues.Claim, _resolver.NameIn(clues.Host).ToString() }
            .OfType<string>().Where(name => TenantResolver.IsName(name) && !_catalog.TryFind(name, out _))
            .Distinct(StringComparer.Ordinal);
        var isSure = true;
        foreach (var name in names)
        {
            isSure &= await IsAskedAsync(name).WaitAsync(cancellationToken);
        }

        var again = _resolver.Resolve(clues);
        return isSure || !again.IsRefused ? again : new(null, TenantRefusal.RegistryUnavailable, resolution.Strategy);
    }

    /// <returns>False when the registry could not be asked.</returns>
    private Task<bool> IsAskedAsync(string name)
    {
        lock (_asking)
        {
            var now = _time.GetTimestamp();
            foreach (var (old, question) in _questions)
            {
                if (question.Asking.IsCompleted && _time.GetElapsedTime(question.At, now) >= Remembered)
                {
                    _questions.Remove(old);
                }
            }

            if (_questions.TryGetValue(name, out var asked))
            {
                return asked.Asking;
            }

            if (_questions.Count >= MostQuestions)
            {
                return Task.FromResult(false);
            }

            // Several requests may wait for it, so no single request may cancel it.
            var asking = Task.Run(() => AskAsync(name));
            _questions[name] = new(asking, now);
            return asking;
        }
    }

    private async Task<bool> AskAsync(string name)
    {
        try
        {
            using var limit = new CancellationTokenSource(LongestQuestion, _time);
            var ids = await _reader.IdsOfAsync([name, name.ToLowerInvariant()], limit.Token);
            if (ids.Count > 0)
            {
                var (entries, aliases) = await _reader.ReadWithAliasesAsync(ids, limit.Token);
                _catalog.Replace(ids, entries, aliases);
            }

            return true;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The registry does not answer.
            return false;
        }
    }

    private readonly record struct Question(Task<bool> Asking, long At);
}
