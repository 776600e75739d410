using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Vigia.Core.Approvals;
using Vigia.Core.Audit;
using Vigia.Core.Configuration;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Operations;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;

namespace Vigia.Core.Deletion;

/// <summary>A hard delete as a person asks for it.</summary>
/// <param name="Confirm">The client's sub-domain, typed.</param>
/// <param name="Reason">Why; required.</param>
/// <param name="Password">The acting person's own password.</param>
/// <param name="RetentionDays">Days in the trash; null for the setting, 0 for at once.</param>
public sealed record HardDelete(string Confirm, string Reason, string Password, int? RetentionDays = null);

/// <summary>Asks for hard deletes (architecture section 5). Each request is one transaction: registry, operation, audit.</summary>
public sealed class TenantDeletion(
    IDbContextFactory<MasterContext> contexts, OperationQueue queue, AuditTrail audit, Reauthentication reauthentication, SecondPerson second, IOptions<TrashOptions> options, TimeProvider time)
{
    /// <summary>The least a production client stays in the trash, whoever asks (facts 7.16).</summary>
    public const int LeastDays = 7;

    // They look whether the client is still there when their turn comes; a rotation may wait for days.
    private static readonly string[] Harmless = [Credentials.RotateCredential.KindName, Isolation.ProveTenant.KindName];
    private static readonly OperationState[] Unfinished = [OperationState.Queued, OperationState.Running, OperationState.Waiting, OperationState.Cancelling];

    /// <summary>The least number of days this client must stay in the trash: 0 for a demo or one that never became ready (facts 7.16).</summary>
    public static int LeastRetention(Tenant tenant) => MayGoAtOnce(tenant) ? 0 : LeastDays;

    /// <summary>Days in the trash when nothing else is asked for.</summary>
    public int DefaultRetention => Math.Max(LeastDays, options.Value.RetentionDays);

    /// <summary>Whether this client's hard delete waits for a second person.</summary>
    public bool NeedsSecondPerson(Tenant tenant) => second.IsNeeded(tenant) && !MayGoAtOnce(tenant);

    /// <summary>
    /// Blocks, ends sessions and moves to the trash, in the background. Where a second person is needed nothing is changed yet: the operation
    /// waits.
    /// </summary>
    /// <returns>The operation's id.</returns>
    /// <exception cref="InvalidInputException">The sub-domain typed is not this client's, or the reason is missing.</exception>
    /// <exception cref="RuleException"><c>password_wrong</c>, <c>operation_running</c>, <c>not_ready</c>, <c>tenant_unmanaged</c>, <c>retention_too_short</c>.</exception>
    public async Task<Guid> DeleteAsync(Actor actor, int tenantId, HardDelete request, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsDeleteHard);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await TenantRow.LockAsync(db, tenantId, cancellationToken);
        var (days, signedWith) = await CheckAsync(db, actor, tenant, request, cancellationToken);
        var asks = NeedsSecondPerson(tenant);
        var data = new DeletionData(asks ? "" : await RegistryRow.SaveAsync(db, tenantId, cancellationToken), tenant.IsActive, request.Reason.Trim(), days);
        var operation = queue.Enqueue(db, actor, DeleteTenant.KindName, tenant, data);
        if (asks)
        {
            await second.AskAsync(db, actor, operation, tenant, data, cancellationToken);
        }
        else
        {
            Begin(tenant);
        }

        await audit.CommitAsync(db, actor, new AuditEntry("tenant.delete_requested")
        {
            TenantId = tenant.Id,
            Ruc = tenant.Ruc,
            Subdomain = tenant.Subdomain,
            OperationId = operation.Id,
            Reason = data.Reason,
            SignatureMeaning = asks ? "sign_tenant_delete_request" : "sign_tenant_delete",
            SignedWith = signedWith,
            After = new Dictionary<string, object?> { ["retention_days"] = days },
        }, cancellationToken);
        return operation.Id;
    }

    /// <summary>What was asked for and approved begins: with the row as it is now, not as it was when it was asked for.</summary>
    internal async Task GoOnAsync(MasterContext db, Operation operation, CancellationToken cancellationToken)
    {
        var tenant = await TenantRow.LockAsync(db, operation.TenantId!.Value, cancellationToken);
        await DemandDeletableAsync(db, tenant, operation.Id, cancellationToken);
        var asked = JsonSerializer.Deserialize<DeletionData>(operation.Data)!;
        operation.Data = JsonSerializer.Serialize(asked with { Row = await RegistryRow.SaveAsync(db, tenant.Id, cancellationToken), WasActive = tenant.IsActive });
        Begin(tenant);
    }

    private void Begin(Tenant tenant)
    {
        tenant.State = TenantState.Deleting;
        tenant.IsActive = false;
        tenant.TokensValidAfter = time.GetUtcNow();
    }

    private async Task<(int Days, string SignedWith)> CheckAsync(MasterContext db, Actor actor, Tenant tenant, HardDelete request, CancellationToken cancellationToken)
    {
        await DemandDeletableAsync(db, tenant, null, cancellationToken);
        if (!string.Equals(request.Confirm?.Trim(), tenant.Subdomain, StringComparison.Ordinal))
        {
            throw new InvalidInputException("confirm", new Message("confirmation_wrong", tenant.Subdomain ?? ""));
        }

        TenantRules.DemandReason(request.Reason);

        var days = request.RetentionDays ?? DefaultRetention;
        var least = MayGoAtOnce(tenant) ? 0 : DefaultRetention;
        if (days < least)
        {
            throw new RuleException("retention_too_short", least.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        if (days > 3650)
        {
            throw new InvalidInputException("retention_days", new Message("retention_too_long", "3650"));
        }

        return (days, await reauthentication.DemandAsync(actor, new SignedAction(SignedAction.TenantDelete, $"{tenant.Id}"), request.Password, cancellationToken));
    }

    private static async Task DemandDeletableAsync(MasterContext db, Tenant tenant, Guid? except, CancellationToken cancellationToken)
    {
        if (tenant.State == TenantState.Unmanaged)
        {
            throw new RuleException("tenant_unmanaged");
        }

        if (await db.Operations.AnyAsync(o => o.TenantId == tenant.Id && o.Id != except && Unfinished.Contains(o.State)
                && !(o.State == OperationState.Queued && Harmless.Contains(o.Kind)), cancellationToken))
        {
            throw new RuleException("operation_running");
        }

        // A restore that failed has its names in the registry and its database in the trash: it is gone on with, or cancelled, first.
        if (tenant.State is TenantState.Deleting or TenantState.Provisioning || await db.Trash.AnyAsync(t => t.Id == tenant.Id, cancellationToken))
        {
            throw new RuleException("not_ready");
        }
    }

    private static bool MayGoAtOnce(Tenant tenant) =>
        tenant.Environment == TenantEnvironments.Demo || (tenant.SchemaVersion is null && tenant.State is TenantState.Registered or TenantState.Failed);
}
