using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.Approvals;

namespace Vigia.Core.Lifecycle.Deletion;

/// <summary>Decides whether a deletion needs a second person, and requests the approval.</summary>
public sealed class SecondPersonRule(
    IDbContextFactory<MasterContext> contexts, DatabaseObserver observer, TenantContents contents,
    IOptions<ApprovalOptions> options, TimeProvider time)
{
    internal bool IsEnabled => options.Value.HardDelete;

    /// <summary>
    /// Reads what the second person must see. This uses the tenant's own database, so call it before locking anything
    /// in the master. Figures that can't be read in time are left out.
    /// </summary>
    /// <exception cref="NotFoundException"><c>tenant_unknown</c>.</exception>
    internal async Task<TenantFigures> ReadFiguresAsync(Actor actor, int tenantId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var tenant = await db.Set<Tenant>().AsNoTracking()
            .SingleOrDefaultAsync(t => t.Id == tenantId, cancellationToken)
            ?? throw new NotFoundException("tenant_unknown");
        long? size = null;
        if (tenant is { State: TenantState.Ready, ServerId: { } server, DatabaseName: { } name })
        {
            await observer.ObserveAsync(server, name, cancellationToken);
            size = await db.Set<ObservedDatabase>().Where(d => d.ServerId == server && d.Name == name)
                .Select(d => d.SizeBytes).SingleOrDefaultAsync(cancellationToken);
        }

        return new TenantFigures(size, await contents.CountAsync(actor, tenantId, cancellationToken));
    }

    /// <summary>Makes the operation wait and stores what the first person saw; the caller commits.</summary>
    internal void RequestApproval(MasterContext db, Actor actor, Operation operation, Tenant tenant, DeletionData data,
        TenantFigures figures)
    {
        var now = time.GetUtcNow();
        var until = now.AddHours(options.Value.ExpireAfterHours);
        db.Set<Approval>().Add(new Approval
        {
            OperationId = operation.Id,
            Action = ApprovalAction.Of(operation.Kind),
            TenantId = tenant.Id,
            Ruc = tenant.Ruc,
            Subdomain = tenant.Subdomain,
            LegalName = tenant.LegalName,
            RequestedBy = actor.StaffId ?? throw new ForbiddenException(TenantAction.Delete.Right),
            RequestedByName = actor.Name,
            RequestedAt = now,
            ExpiresAt = until,
            Reason = data.Reason,
            Seen = JsonSerializer.Serialize(ApprovalFacts.Of(tenant, figures, data.RetentionDays)),
        });
        operation.State = OperationState.Waiting;
        operation.Error = new Message(
            "awaiting_approval", LimaTime.Argument(until));
    }

    /// <summary>Withdraws the request after its operation was cancelled.</summary>
    internal static Task<int> WithdrawAsync(
        MasterContext db, Guid operationId, DateTimeOffset now, CancellationToken cancellationToken) =>
        db.Set<Approval>().Where(a => a.OperationId == operationId && a.State == ApprovalState.Waiting)
            .ExecuteUpdateAsync(
                s => s.SetProperty(a => a.State, ApprovalState.Withdrawn).SetProperty(a => a.DecidedAt, now),
                cancellationToken);
}

/// <summary>The size of a tenant. Figures that can't be read in time are null.</summary>
/// <param name="Content">The content of its database.</param>
internal sealed record TenantFigures(long? SizeBytes, TenantContent? Content);
