using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Operations;

namespace Vigia.Core.Api;

public static class IdempotencyServices
{
    /// <summary>
    /// Adds the store of answers to requests with an <c>Idempotency-Key</c>. Old answers are removed.
    /// </summary>
    public static IServiceCollection AddIdempotency(this IServiceCollection services)
    {
        services.AddSingleton<IdempotentRequests>();
        services.AddSingleton(new HistoryPruning(
            "idempotent_requests", IdempotentRequests.Kept, (db, now, most, cancellationToken) =>
                db.Set<IdempotentRequest>().Where(r => r.CreatedAt < now - IdempotentRequests.Kept).Take(most)
                    .ExecuteDeleteAsync(cancellationToken)));
        return services;
    }
}
