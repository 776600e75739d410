using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Credentials;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Core.Lifecycle.Deletion;

/// <summary>A person's request to move a tenant to the trash, or to destroy it at once.</summary>
/// <param name="Confirm">The tenant's sub-domain as the person typed it.</param>
/// <param name="Reason">The reason; required.</param>
/// <param name="Password">The acting person's own password.</param>
/// <param name="RetentionDays">Days in the trash; null for the setting, 0 to drop at once.</param>
/// <param name="Shown">
/// The action that a page showed the person, see <see cref="TenantDeletion.SignatureOf"/>; null for a program. A
/// password is bound to nothing, so this refuses the request when the tenant is not what the person saw any more.
/// </param>
public sealed record DeletionRequest(
    string Confirm, string Reason, string Password, int? RetentionDays = null, SignedAction? Shown = null);

/// <summary>
/// Accepts requests to move a tenant to the trash, or to destroy it at once. See docs/rules.md#deletion-order.
/// </summary>
// More than five dependencies: it checks, signs, and asks for the second person. That order is the rule
// (docs/rules.md#deletion-order).
public sealed class TenantDeletion(
    IDbContextFactory<MasterContext> contexts, TenantRequests requests, Reauthentication reauthentication,
    SecondPersonRule second, IOptions<TrashOptions> options, TimeProvider time)
{
    // These check at their start whether the tenant still exists. A queued rotation may wait for days.
    private static readonly OperationKind[] Harmless = [RotateCredential.KindName, ProveTenant.KindName];

    /// <summary>Days in the trash if the request does not say otherwise.</summary>
    public int DefaultRetention => Math.Max(ProductionDuty.LeastDays, options.Value.RetentionDays);

    /// <summary>
    /// Whether a deletion drops the database itself, without a stay in the trash. Its data says so for good; its steps
    /// are removed after a time (docs/rules.md#history).
    /// </summary>
    public static bool DropsAtOnce(Operation operation)
    {
        if (operation.Kind != DeleteTenant.KindName)
        {
            return false;
        }

        using var data = JsonDocument.Parse(operation.Data);
        return data.RootElement.TryGetProperty(nameof(DeletionData.RetentionDays), out var days)
            ? days.GetInt32() == 0 : operation.Steps.Any(s => s.Name == "drop_database");
    }

    /// <summary>
    /// The signed action: the tenant as they saw it, with its environment, the days in the trash and the reason.
    /// </summary>
    public SignedAction SignatureOf(Tenant tenant, string? reason, int? retentionDays) =>
        SignedAction.Of(SignedAction.TenantDelete, $"{tenant.Id}", new
        {
            tenant.LegalName,
            tenant.Ruc,
            tenant.Subdomain,
            tenant.DatabaseName,
            tenant.Environment,
            RetentionDays = retentionDays ?? DefaultRetention,
            Reason = SignedAction.Reason(reason),
        });

    /// <summary>
    /// Whether a tenant's deletion waits for a second person. For the parameter see
    /// <see cref="ProductionDuty.MayDropAtOnce"/>.
    /// </summary>
    public bool NeedsSecondPerson(bool mayGoAtOnce) => second.IsEnabled && !mayGoAtOnce;

    /// <summary>
    /// The message code of what the person signs: that the tenant goes to the trash, that it is destroyed, or that a
    /// second person is asked. For the first parameter see <see cref="ProductionDuty.MayDropAtOnce"/>.
    /// </summary>
    public string SignatureMeaningOf(bool mayGoAtOnce, int? retentionDays) =>
        NeedsSecondPerson(mayGoAtOnce) ? "sign_tenant_delete_request"
        : retentionDays == 0 ? "sign_tenant_purge" : "sign_tenant_delete";

    /// <summary>
    /// Blocks a tenant, ends its sessions and moves it to the trash, in the background. If a second person is needed,
    /// the operation waits and nothing is changed yet.
    /// </summary>
    /// <returns>The operation's id.</returns>
    /// <exception cref="InvalidInputException">
    /// The typed sub-domain is not this tenant's, or the reason is missing.
    /// </exception>
    /// <exception cref="RuleException">
    /// <c>password_wrong</c>, <c>operation_running</c>, <c>not_ready</c>, <c>tenant_unmanaged</c>,
    /// <c>retention_too_short</c>; <c>confirmation_stale</c>: the tenant is not as it was signed or shown.
    /// </exception>
    public async Task<Guid> DeleteAsync(
        Actor actor, int tenantId, DeletionRequest request, CancellationToken cancellationToken)
    {
        actor.Demand(TenantAction.Delete.Right);

        // The signature is proved over another connection, and the figures come from the tenant's own database. Both
        // happen before the row is locked, so that they neither block others nor exceed the server's limit for idle
        // transactions.
        var found = await CheckUnlockedAsync(actor, tenantId, request, cancellationToken);
        var signed = SignatureOf(found, request.Reason, request.RetentionDays);
        SignedAction.DemandSame(request.Shown, signed);
        var signedWith = await reauthentication.DemandAsync(actor, signed, request.Password, cancellationToken);

        // The second person sees them, and so does the person who destroys the tenant while its database is closed.
        var figures = await second.ReadFiguresAsync(actor, tenantId, cancellationToken);
        return await requests.EnqueueAsync(actor, tenantId, TenantAction.Delete, async (db, tenant, token) =>
        {
            var mayGoAtOnce = ProductionDuty.MayDropAtOnce(
                tenant, await ProductionDuty.AppliesAsync(db, tenant, token));
            var days = await CheckAsync(db, tenant, mayGoAtOnce, request, token);
            if (tenant.Environment != found.Environment)
            {
                // Converted since it was signed.
                throw new RuleException("confirmation_stale");
            }

            // A program that gives a password was shown nothing, so a corrected name or RUC does not concern it.
            SignedAction.DemandSame(
                signedWith == SignInMethods.Password ? request.Shown : signed,
                SignatureOf(tenant, request.Reason, request.RetentionDays));
            var needsApproval = NeedsSecondPerson(mayGoAtOnce);
            var data = new DeletionData(
                needsApproval ? "" : await SavedRow.SaveAsync(db, tenantId, token), tenant.IsActive,
                request.Reason.Trim(), days, needsApproval);
            return new TenantRequest(new AuditEntry("tenant.delete_requested")
            {
                Reason = data.Reason,
                SignatureMeaning = SignatureMeaningOf(mayGoAtOnce, days),
                SignedWith = signedWith,
                After = new Dictionary<string, object?> { ["retention_days"] = days },
            }, data)
            {
                Apply = needsApproval
                    ? operation => second.RequestApproval(db, actor, operation, tenant, data, figures)
                    : _ => tenant.BeginDeletion(time.GetUtcNow()),
            };
        }, cancellationToken);
    }

    /// <summary>
    /// Begins an approved deletion, with the row as it is now, not as it was at the request.
    /// </summary>
    internal async Task BeginApprovedAsync(MasterContext db, Operation operation, CancellationToken cancellationToken)
    {
        var tenant = await TenantRow.LockAsync(db, operation.TenantId!.Value, cancellationToken);
        await DemandIdleAsync(db, tenant, operation.Id, cancellationToken);
        TenantAction.Delete.Demand(await TenantStanding.ReadAsync(db, tenant, time.GetUtcNow(), cancellationToken));
        var asked = JsonSerializer.Deserialize<DeletionData>(operation.Data)!;
        var mayGoAtOnce = ProductionDuty.MayDropAtOnce(
            tenant, await ProductionDuty.AppliesAsync(db, tenant, cancellationToken));
        var least = mayGoAtOnce ? 0 : DefaultRetention;
        if (asked.RetentionDays < least)
        {
            // The setting was raised since the request, or the tenant has been in production since.
            throw new RuleException(
                "retention_too_short", least.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        operation.Data = JsonSerializer.Serialize(
            asked with
            {
                Row = await SavedRow.SaveAsync(db, tenant.Id, cancellationToken),
                WasActive = tenant.IsActive,
                WaitsForApproval = false,
            });
        tenant.BeginDeletion(time.GetUtcNow());
    }

    private async Task<Tenant> CheckUnlockedAsync(
        Actor actor, int tenantId, DeletionRequest request, CancellationToken cancellationToken)
    {
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var found = await db.Set<Tenant>().AsNoTracking().SingleOrDefaultAsync(t => t.Id == tenantId, cancellationToken)
            ?? throw new NotFoundException("tenant_unknown");
        await DemandIdleAsync(db, found, null, cancellationToken);
        TenantAction.Delete.Demand(await TenantStanding.ReadAsync(db, found, time.GetUtcNow(), cancellationToken));
        var mayGoAtOnce = ProductionDuty.MayDropAtOnce(
            found, await ProductionDuty.AppliesAsync(db, found, cancellationToken));
        await CheckAsync(db, found, mayGoAtOnce, request, cancellationToken);
        return found;
    }

    // Returns the days in the trash. All checks of the input come first: a typing error must not use up a confirmation.
    private async Task<int> CheckAsync(
        MasterContext db, Tenant tenant, bool mayGoAtOnce, DeletionRequest request, CancellationToken cancellationToken)
    {
        await DemandIdleAsync(db, tenant, null, cancellationToken);
        if (!string.Equals(request.Confirm?.Trim(), tenant.Subdomain, StringComparison.Ordinal))
        {
            throw new InvalidInputException("confirm", new Message("confirmation_wrong", tenant.Subdomain ?? ""));
        }

        TenantRules.DemandReason(request.Reason);

        var days = request.RetentionDays ?? DefaultRetention;
        var least = mayGoAtOnce ? 0 : DefaultRetention;
        if (days < least)
        {
            throw new RuleException(
                "retention_too_short", least.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        if (days > 3650)
        {
            throw new InvalidInputException("retention_days", new Message("retention_too_long", "3650"));
        }

        return days;
    }

    private static async Task DemandIdleAsync(
        MasterContext db, Tenant tenant, Guid? except, CancellationToken cancellationToken)
    {
        if (await db.Set<Operation>()
            .AnyAsync(o => o.TenantId == tenant.Id && o.Id != except && OperationStates.Unfinished.Contains(o.State)
                && !(o.State == OperationState.Queued && Harmless.Contains(o.Kind)), cancellationToken))
        {
            throw new RuleException("operation_running");
        }
    }
}
