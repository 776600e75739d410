using Vigia.Core.Foundation.Access;
using Vigia.Core.Tenants;

namespace Vigia.Portal.Components.Tenants;

/// <summary>Finds the holders of a RUC and a sub-domain while a person types them.</summary>
public sealed class AvailabilityCheck(TenantSearch search, TimeProvider time)
{
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(200);

    /// <summary>Returns the holders.</summary>
    public Task<TenantAvailability> CheckAsync(
        Actor actor, string? ruc, string? subdomain, CancellationToken cancellationToken) =>
        search.CheckAsync(actor, ruc, subdomain, cancellationToken);

    /// <summary>Returns the holders. Waits first, so that fast typing does not ask for every letter.</summary>
    /// <exception cref="OperationCanceledException">A newer text was typed.</exception>
    public async Task<TenantAvailability> CheckWhenSettledAsync(
        Actor actor, string? ruc, string? subdomain, CancellationToken cancellationToken)
    {
        await Task.Delay(Settle, time, cancellationToken);
        var taken = await search.CheckAsync(actor, ruc, subdomain, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return taken;
    }
}
