using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Renaming;

/// <summary>The steps of a rename. Each reads the present state and can run again.</summary>
internal sealed class RenameSteps(Outbox outbox, TenantUrls urls, TimeProvider time)
{
    /// <summary>
    /// Gives the tenant its new name and makes the former one an alias, in one transaction. Tokens that were issued
    /// before are refused from then on. The database keeps its name, so that sessions in it go on.
    /// </summary>
    /// <exception cref="RuleException">
    /// <c>subdominio_taken</c>, <c>subdominio_kept</c>: another tenant has got the name since the request; or a refusal
    /// of <see cref="RenameDecision"/>.
    /// </exception>
    public async Task SwitchAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var data = context.Data<RenameData>();
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            var locked = await LockedTenant.LockAsync(db, context.TenantId, cancellationToken);
            if (await RenameDecision.IsDoneAsync(db, context.OperationId, cancellationToken))
            {
                // An earlier attempt committed, and only its step record was lost.
                return;
            }

            var tenant = RenameDecision.Demand(locked, data);
            await LockNamesAsync(db, cancellationToken);
            await RenameDecision.DemandFreeDatabaseNameAsync(db, tenant, data.To, cancellationToken);
            var now = time.GetUtcNow();
            await RemoveAliasesAsync(db, tenant.Id, data, now, cancellationToken);
            var alias = new TenantAlias
            {
                Name = data.From, TenantId = tenant.Id, StartedAt = now, EndsAt = now + TenantAlias.Lifetime,
                OperationId = context.OperationId,
            };
            db.Set<TenantAlias>().Add(alias);
            tenant.MoveTo(new Subdomain(data.To), now);
            try
            {
                await context.CommitAsync(db, [RecordOf(context, tenant, data, alias)], cancellationToken);
                return;
            }
            catch (DbUpdateException e) when (
                e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
            {
                // The name is taken. Its holder is read after the transaction.
            }
        }

        await using var after = await context.OpenMasterAsync(cancellationToken);
        throw SubdomainHolders.Refusal(await SubdomainHolders.FindAsync(
            after, data.To, context.TenantId, time.GetUtcNow(), cancellationToken) ?? "");
    }

    /// <summary>
    /// Writes the new address into an invitation that was not sent yet. A sent invitation stays valid, because it
    /// belongs to the tenant and not to the name; pages redirect its link.
    /// </summary>
    public async Task MoveInvitationsAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var locked = await LockedTenant.LockAsync(db, context.TenantId, cancellationToken);
        if (locked.Registered?.Subdomain is not { } name)
        {
            return;
        }

        // Every former name, because another rename may have come in between.
        var former = await db.Set<TenantAlias>().Where(a => a.TenantId == context.TenantId && a.Name != name)
            .Select(a => a.Name).ToListAsync(cancellationToken);
        await outbox.MoveInvitationsAsync(
            db, context.TenantId, body => former.Aggregate(body, (text, alias) =>
                text.Replace(urls.Of(alias), urls.Of(name), StringComparison.Ordinal)), cancellationToken);
        await context.CommitAsync(db, [], cancellationToken);
    }

    // A trigger of the registry makes all programs that write names take this lock. Without it, a program that writes
    // either name in another case would meet no unique index, and would not see the alias that is made here.
    private static Task<int> LockNamesAsync(MasterContext db, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlRawAsync("SELECT pg_advisory_xact_lock(6217766061413990403)", cancellationToken);

    // The wanted name may be an alias of this tenant, which it gets back. The former name may have been an alias long
    // ago, of any tenant.
    private static Task<int> RemoveAliasesAsync(
        MasterContext db, int tenantId, RenameData data, DateTimeOffset now, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"""
            DELETE FROM portal.tenant_aliases
            WHERE (tenant_id = {tenantId} AND lower(name) = lower({data.To}))
               OR (name = {data.From} AND (tenant_id = {tenantId} OR ends_at <= {now}))
            """, cancellationToken);

    private static AuditEntry RecordOf(
        OperationContext context, Tenant tenant, RenameData data, TenantAlias alias) => new(RenameDecision.Done)
        {
            TenantId = tenant.Id,
            Ruc = tenant.Ruc,
            Subdomain = data.To,
            OperationId = context.OperationId,
            Reason = data.Reason,
            Before = new Dictionary<string, object?> { ["subdominio"] = data.From },
            After = new Dictionary<string, object?> { ["subdominio"] = data.To, ["alias_until"] = alias.EndsAt },
        };
}
