using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Vigia.Core.Configuration;
using Vigia.Core.Deletion;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Operations;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;

namespace Vigia.Core.Approvals;

/// <summary>Whether an action needs a second person, and the asking for one.</summary>
public sealed class SecondPerson(TenantSearch search, TenantContents contents, IOptions<ApprovalOptions> options, TimeProvider time)
{
    internal bool IsNeeded(Tenant tenant) => options.Value.HardDelete && tenant.Environment == TenantEnvironments.Production;

    /// <summary>Makes the operation wait and notes what the first person saw; the caller commits.</summary>
    internal async Task AskAsync(MasterContext db, Actor actor, Operation operation, Tenant tenant, DeletionData data, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var until = now.AddHours(options.Value.ExpireAfterHours);
        var view = (await search.GetAsync(actor, tenant.Id, cancellationToken)).View!;
        var seen = ApprovalSeen.Of(view, await contents.ReadAsync(actor, tenant.Id, cancellationToken), data.RetentionDays);
        db.Approvals.Add(new Approval
        {
            OperationId = operation.Id,
            Action = operation.Kind,
            TenantId = tenant.Id,
            Ruc = tenant.Ruc,
            Subdomain = tenant.Subdomain,
            LegalName = tenant.LegalName,
            RequestedBy = actor.StaffId ?? throw new ForbiddenException(Rights.TenantsDeleteHard),
            RequestedByName = actor.Name,
            RequestedAt = now,
            ExpiresAt = until,
            Reason = data.Reason,
            Seen = JsonSerializer.Serialize(seen),
        });
        operation.State = OperationState.Waiting;
        operation.Error = new Message("awaiting_approval", until.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture));
    }

    /// <summary>The operation was cancelled: nobody has to decide any more.</summary>
    internal static Task<int> WithdrawAsync(MasterContext db, Guid operationId, DateTimeOffset now, CancellationToken cancellationToken) =>
        db.Approvals.Where(a => a.OperationId == operationId && a.State == ApprovalState.Waiting)
            .ExecuteUpdateAsync(s => s.SetProperty(a => a.State, ApprovalState.Withdrawn).SetProperty(a => a.DecidedAt, now), cancellationToken);
}
