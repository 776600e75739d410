using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Startup;

/// <summary>Finds out whether the master is still where it was. See docs/rules.md#copied-master.</summary>
public sealed partial class MasterIdentification(
    MasterIdentity identity, MasterPlace place, IDbContextFactory<MasterContext> contexts, AuditChains chains,
    ILogger<MasterIdentification> logger)
{
    /// <summary>
    /// Compares the fingerprint of the master with the stored one. When they differ, the master was copied or moved,
    /// and nothing is written until a person says which.
    /// </summary>
    public async Task IdentifyAsync(CancellationToken cancellationToken)
    {
        var here = await place.ReadAsync(cancellationToken);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);

        // The row is locked, so that only one of several instances that start together is the first.
        var instance = (await db.Set<MasterInstance>().FromSqlRaw("SELECT * FROM portal.instance FOR UPDATE")
            .ToListAsync(cancellationToken)).Single();
        identity.MasterId = instance.MasterId;
        if (MasterFingerprint.Of(instance) is not { } stored)
        {
            // Only the very first start creates the keys of the audit trail.
            here.StoreIn(instance);
            await chains.BeginFirstAsync(db, cancellationToken);
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        else if (stored != here)
        {
            identity.ReadOnly = new Message("master_copied", stored.ToString(), here.ToString());
            LogReadOnly(logger, stored.ToString(), here.ToString());
        }
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "The master database was at {Stored} and is now at {Here}. It is read-only until an administrator "
            + "says whether it was moved or is a copy")]
    private static partial void LogReadOnly(ILogger logger, string stored, string here);
}
