using System.Collections.Concurrent;
using Npgsql;

namespace Vigia.Core.Tenancy;

/// <summary>A request that got no session, because of the database or the connections.</summary>
/// <param name="Refusal">The reason that the request was given.</param>
/// <param name="At">When it happened last.</param>
public sealed record TenantTrouble(TenantRefusal Refusal, DateTimeOffset At);

/// <summary>
/// Remembers the last refusal of a session for each tenant and reason in this instance, for the diagnosis.
/// State of the process: the last moment for each tenant and reason, of a limited number of them.
/// </summary>
internal sealed class TenantTroubles(TimeProvider time)
{
    // A server that does not answer causes one for each tenant.
    private const int Most = 2_000;

    private readonly ConcurrentDictionary<(int Tenant, TenantRefusal Refusal), DateTimeOffset> _last = new();

    /// <summary>Notes a failure. One that is about the tenant itself, such as a suspension, is none.</summary>
    public void Note(int tenantId, Exception failure)
    {
        var refusal = failure switch
        {
            TenantRefusedException
            {
                Refusal: TenantRefusal.DatabaseMissing or TenantRefusal.DatabaseUnreachable
                or TenantRefusal.RegistryUnavailable or TenantRefusal.ConnectionsBusy
            } refused => refused.Refusal,
            NpgsqlException => TenantRefusal.DatabaseUnreachable,
            _ => TenantRefusal.None,
        };
        if (refusal == TenantRefusal.None)
        {
            return;
        }

        if (_last.Count >= Most && !_last.ContainsKey((tenantId, refusal)))
        {
            _last.Clear();
        }

        _last[(tenantId, refusal)] = time.GetUtcNow();
    }

    /// <summary>Those of a tenant, the newest first.</summary>
    public IReadOnlyList<TenantTrouble> Of(int tenantId) =>
    [
        .. from refusal in Enum.GetValues<TenantRefusal>()
           where _last.ContainsKey((tenantId, refusal))
           let at = _last.GetValueOrDefault((tenantId, refusal))
           orderby at descending
           select new TenantTrouble(refusal, at),
    ];
}
