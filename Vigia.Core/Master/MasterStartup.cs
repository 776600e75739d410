using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Staff;

namespace Vigia.Core.Master;

/// <summary>What must have happened before anything works: schema at head, identity known, roles there.</summary>
public sealed class MasterStartup(MasterMigrator migrator, MasterIdentity identity, IDbContextFactory<MasterContext> contexts, IServiceScopeFactory scopes)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await migrator.MigrateAsync(cancellationToken);
        await using (var db = await contexts.CreateDbContextAsync(cancellationToken))
        {
            identity.MasterId = (await db.Instance.AsNoTracking().SingleAsync(cancellationToken)).MasterId;
        }

        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<StaffAccounts>().EnsureRolesAsync(cancellationToken);
    }
}
