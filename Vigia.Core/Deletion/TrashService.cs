using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Audit;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Operations;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;

namespace Vigia.Core.Deletion;

/// <summary>What lies in the trash, taking it out again, and purging early what may be purged.</summary>
public sealed class TrashService(
    IDbContextFactory<MasterContext> contexts, OperationQueue queue, AuditTrail audit, Reauthentication reauthentication, TimeProvider time)
{
    private static readonly OperationState[] Unfinished = [OperationState.Queued, OperationState.Running, OperationState.Waiting, OperationState.Cancelling];

    /// <summary>Everything in the trash, what goes first on top.</summary>
    public async Task<IReadOnlyList<TrashedTenant>> ListAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await db.Trash.AsNoTracking().OrderBy(t => t.PurgeAfter).ThenBy(t => t.Id).ToListAsync(cancellationToken);
    }

    /// <summary>A page of the trash, newest first.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="text">Anywhere in RUC, legal name or sub-domain; null for all.</param>
    /// <param name="page">From 1.</param>
    /// <param name="pageSize">1–200.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public async Task<TrashPage> SearchAsync(Actor actor, string? text, int page, int pageSize, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        var size = Math.Clamp(pageSize, 1, TenantSearch.MaxPageSize);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var matching = TenantSearch.Match(db.Trash.AsNoTracking(), text);
        var total = await matching.CountAsync(cancellationToken);
        var items = await matching.OrderByDescending(t => t.DeletedAt).ThenByDescending(t => t.Id)
            .Skip((int)Math.Min((Math.Max(1, page) - 1L) * size, int.MaxValue)).Take(size).ToListAsync(cancellationToken);
        return new TrashPage(items, total);
    }

    /// <summary>Whether this one may be purged before its time: a demo, or one that never became ready (facts 7.16).</summary>
    public static bool MayPurgeEarly(TrashedTenant trashed) =>
        trashed.Environment == TenantEnvironments.Demo || RegistryRow.Read(trashed.Row).State is TenantState.Registered or TenantState.Failed;

    /// <summary>Takes a client back: URL, users, limits, active or not, exactly as it was. Its names are taken in this transaction.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="tenantId">The client in the trash.</param>
    /// <param name="subdomain">Another sub-domain when the old one has been taken meanwhile; null for the old one.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>The operation's id.</returns>
    /// <exception cref="RuleException"><c>not_in_trash</c>, <c>operation_running</c>, <c>subdominio_taken</c>, <c>ruc_taken</c>.</exception>
    public async Task<Guid> RestoreAsync(Actor actor, int tenantId, string? subdomain, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsRestore);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var trashed = await LockAsync(db, tenantId, cancellationToken);
        var name = string.IsNullOrWhiteSpace(subdomain) ? trashed.Subdomain : new Subdomain(subdomain).Value;
        var before = RegistryRow.Read(trashed.Row);
        try
        {
            await RegistryRow.InsertAsync(db, trashed.Row, name, await FreeDatabaseNameAsync(db, trashed, name, cancellationToken), cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            await transaction.RollbackAsync(cancellationToken);
            throw await TakenAsync(trashed, name, cancellationToken);
        }

        var target = new OperationTarget(trashed.Id, trashed.Ruc, name);
        var operation = queue.Enqueue(db, actor, RestoreTenant.KindName, target, new RestoreData(before.IsActive, before.State.ToString()), OperationQueue.Person);
        await audit.CommitAsync(db, actor, new AuditEntry("tenant.restore_requested")
        {
            TenantId = trashed.Id,
            Ruc = trashed.Ruc,
            Subdomain = name,
            OperationId = operation.Id,
            Before = name == trashed.Subdomain ? null : new Dictionary<string, object?> { ["subdominio"] = trashed.Subdomain },
            After = name == trashed.Subdomain ? null : new Dictionary<string, object?> { ["subdominio"] = name },
        }, cancellationToken);
        return operation.Id;
    }

    /// <summary>Drops a trashed client before its time, where nothing has to be kept.</summary>
    /// <returns>The operation's id.</returns>
    /// <exception cref="InvalidInputException">The sub-domain typed is not this client's.</exception>
    /// <exception cref="RuleException"><c>not_in_trash</c>, <c>operation_running</c>, <c>retention_too_short</c>, <c>password_wrong</c>.</exception>
    public async Task<Guid> PurgeAsync(Actor actor, int tenantId, string confirm, string reason, string password, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsDeleteHard);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var trashed = await LockAsync(db, tenantId, cancellationToken);
        if (trashed.PurgeAfter > time.GetUtcNow() && !MayPurgeEarly(trashed))
        {
            throw new RuleException("retention_too_short", TenantDeletion.LeastDays.ToString(CultureInfo.InvariantCulture));
        }

        if (confirm?.Trim() != trashed.Subdomain)
        {
            throw new InvalidInputException("confirm", new Message("confirmation_wrong", trashed.Subdomain));
        }

        TenantRules.DemandReason(reason);

        var signedWith = await reauthentication.DemandAsync(actor, new SignedAction(SignedAction.TenantPurge, $"{tenantId}"), password, cancellationToken);
        var operation = queue.Enqueue(db, actor, PurgeTenant.KindName, new OperationTarget(trashed.Id, trashed.Ruc, trashed.Subdomain), null, OperationQueue.Person);
        await audit.CommitAsync(db, actor, new AuditEntry("tenant.purge_requested")
        {
            TenantId = trashed.Id, Ruc = trashed.Ruc, Subdomain = trashed.Subdomain, OperationId = operation.Id, Reason = reason.Trim(),
            SignatureMeaning = "sign_tenant_purge", SignedWith = signedWith,
        }, cancellationToken);
        return operation.Id;
    }

    private static async Task<TrashedTenant> LockAsync(MasterContext db, int tenantId, CancellationToken cancellationToken)
    {
        var trashed = await db.Trash.FromSql($"SELECT * FROM portal.tenant_trash WHERE id = {tenantId} FOR UPDATE").SingleOrDefaultAsync(cancellationToken)
            ?? throw new NotFoundException("not_in_trash");
        if (await db.Operations.AnyAsync(o => o.TenantId == tenantId && Unfinished.Contains(o.State), cancellationToken)
            || await db.Tenants.AnyAsync(t => t.Id == tenantId, cancellationToken))
        {
            throw new RuleException("operation_running");
        }

        return trashed;
    }

    // The database keeps its name unless a newer client has it by now.
    private static async Task<string?> FreeDatabaseNameAsync(MasterContext db, TrashedTenant trashed, string subdomain, CancellationToken cancellationToken) =>
        trashed.DatabaseName is { } name && !await db.Tenants.AnyAsync(t => t.DatabaseName == name, cancellationToken)
            && !await db.Databases.AnyAsync(d => d.Name == name, cancellationToken)
            ? name
            : DatabaseName.For(new Subdomain(subdomain)).Value;

    private async Task<RuleException> TakenAsync(TrashedTenant trashed, string subdomain, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var holder = await db.Tenants.AsNoTracking().Where(t => t.Ruc == trashed.Ruc || t.Subdomain == subdomain).FirstOrDefaultAsync(cancellationToken);
        return holder?.Ruc == trashed.Ruc
            ? new RuleException("ruc_taken", holder.LegalName ?? "")
            : new RuleException("subdominio_taken", holder?.LegalName ?? "");
    }
}

/// <summary>A page of the trash.</summary>
public sealed record TrashPage(IReadOnlyList<TrashedTenant> Items, int Total);
