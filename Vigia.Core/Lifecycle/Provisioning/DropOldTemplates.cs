using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Removal;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;

namespace Vigia.Core.Lifecycle.Provisioning;

/// <summary>
/// Recurring job that drops the templates of older schema versions some time after a newer one was made. A build that
/// still needs one makes it again, by migrating an empty database to its version.
/// </summary>
internal sealed class DropOldTemplates(
    TemplateDatabase template, DatabaseRemoval removal, ServerConnections servers, TimeProvider time)
    : OperationDefinition
{
    public static readonly OperationKind KindName = new("drop_old_templates");

    /// <summary>How long an older build may keep running in a rolling upgrade. See docs/rules.md#history.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    public override OperationKind Kind => KindName;

    public override string Right => Rights.OperationsControl;

    public override IReadOnlyList<Step> StepsFor(Operation operation) =>
        [new("drop_templates", DropAsync) { KeepsEffects = true }];

    private async Task DropAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var serverId = context.Operation.ServerId;
        foreach (var old in await FindAsync(context, serverId, cancellationToken))
        {
            await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);

            // A build that is just making it again goes first, or after.
            await TemplateDatabase.LockAsync(session, old.Name, cancellationToken);
            await removal.DropAsync(session, old, cancellationToken);
            await using var db = await context.OpenMasterAsync(cancellationToken);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await db.Set<ManagedDatabase>().Where(d => d.Id == old.Id && d.Kind == DatabaseKind.Template)
                .ExecuteDeleteAsync(cancellationToken);
            await context.CommitAsync(db, [], cancellationToken);
        }
    }

    private async Task<List<ManagedDatabase>> FindAsync(
        OperationContext context, int serverId, CancellationToken cancellationToken)
    {
        var since = time.GetUtcNow() - Kept;
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var templates = db.Set<ManagedDatabase>().AsNoTracking()
            .Where(d => d.ServerId == serverId && d.Kind == DatabaseKind.Template);
        return await templates.Where(d => d.SchemaVersion < template.Version && d.Name != template.Name
            && d.CreatedAt < since
            && templates.Any(newer => newer.SchemaVersion > d.SchemaVersion && newer.CreatedAt < since))
            .ToListAsync(cancellationToken);
    }
}
