using Microsoft.EntityFrameworkCore;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Operations;

/// <summary>Reads claimed operations and gives their steps the tools that they need.</summary>
public sealed class OperationContexts(
    OperationSessions sessions, IDbContextFactory<MasterContext> contexts, AuditTrail audit,
    OperationProgress progress, OperationQueue queue)
{
    /// <summary>Reads the operation of a claim. Null when the claim is no longer valid.</summary>
    public async Task<OperationContext?> OpenAsync(Claim claim, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Set<Operation>().AsNoTracking().Include(o => o.Steps.OrderBy(s => s.Ordinal))
            .SingleOrDefaultAsync(o => o.Id == claim.Id && o.Epoch == claim.Epoch, cancellationToken) is { } operation
            ? new OperationContext(claim, operation, sessions, contexts, audit, progress, queue) : null;
    }
}
