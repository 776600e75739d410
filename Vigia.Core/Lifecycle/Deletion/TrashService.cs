using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.Signatures;

namespace Vigia.Core.Lifecycle.Deletion;

/// <summary>A person's request to destroy a tenant that is in the trash.</summary>
/// <param name="Confirm">The tenant's sub-domain as the person typed it.</param>
/// <param name="Reason">The reason; required.</param>
/// <param name="Password">The acting person's own password, or a confirmation.</param>
/// <param name="Shown">
/// The action that a page showed the person, see <see cref="TrashService.SignatureOf"/>; null for a program.
/// </param>
public sealed record PurgeRequest(string Confirm, string Reason, string Password, SignedAction? Shown = null);

/// <summary>Lists and restores tenants in the trash, and purges early those that may be.</summary>
public sealed class TrashService(
    IDbContextFactory<MasterContext> contexts, TenantRequests requests, Reauthentication reauthentication,
    TimeProvider time)
{
    /// <summary>The kind of a restore.</summary>
    public static OperationKind RestoreKind => RestoreTenant.KindName;

    /// <summary>Lists everything in the trash, the next purge first.</summary>
    public async Task<IReadOnlyList<TrashedTenant>> ListAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await db.Set<TrashedTenant>().AsNoTracking().OrderBy(t => t.PurgeAfter).ThenBy(t => t.Id)
            .ToListAsync(cancellationToken);
    }

    /// <summary>
    /// Returns a page of the trash, newest first. <paramref name="text"/> is searched in RUC, legal name and
    /// sub-domain; null for all. <paramref name="page"/> starts at 1; <paramref name="pageSize"/> is 1–200.
    /// </summary>
    public async Task<TrashPage> SearchAsync(
        Actor actor, string? text, int page, int pageSize, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        var size = Math.Clamp(pageSize, 1, PageSize.Max);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var matching = TenantTextSearch.Match(db.Set<TrashedTenant>().AsNoTracking(), text);
        var total = await ListTotal.CountAsync(matching.Select(t => t.Id), cancellationToken);
        var items = await matching.OrderByDescending(t => t.DeletedAt).ThenByDescending(t => t.Id)
            .Skip((int)Math.Min((Math.Max(1, page) - 1L) * size, int.MaxValue)).Take(size)
                .ToListAsync(cancellationToken);
        return new TrashPage(items, total.Count, Math.Max(1, page), size) { TotalIsExact = total.IsExact };
    }

    /// <summary>
    /// Restores a tenant exactly as it was: URL, users, limits, active or not. Reserves its names in this transaction.
    /// <paramref name="subdomain"/> is a new sub-domain if another tenant has the old one; null for the old one.
    /// </summary>
    /// <returns>The operation's id.</returns>
    /// <exception cref="RuleException">
    /// <c>not_in_trash</c>, <c>operation_running</c>, <c>drop_begun</c>, <c>subdominio_taken</c>, <c>ruc_taken</c>,
    /// <c>registry_row_refused</c>.
    /// </exception>
    public async Task<Guid> RestoreAsync(
        Actor actor, int tenantId, string? subdomain, CancellationToken cancellationToken)
    {
        actor.Demand(TrashAction.Restore.Right);
        return await requests.EnqueueAsync(
            actor, tenantId, TrashAction.Restore,
            (db, trashed, token) => PutBackAsync(db, trashed, subdomain, token), cancellationToken);
    }

    // Inserts the row of the registry, which takes the names. The operation does the rest.
    private async Task<TenantRequest> PutBackAsync(
        MasterContext db, TrashedTenant trashed, string? subdomain, CancellationToken cancellationToken)
    {
        var superseded = await SupersedeAsync(db, trashed, cancellationToken);

        // A drop may have been claimed since the standing was read.
        await DemandIdleAsync(db, trashed.Id, cancellationToken);

        var name = string.IsNullOrWhiteSpace(subdomain) ? trashed.Subdomain : new Subdomain(subdomain).Value;
        var before = SavedRow.Read(trashed.Row);
        IReadOnlyDictionary<string, string> gone;
        try
        {
            gone = await SavedRowInsert.RunAsync(
                db, trashed.Row, name, await FreeDatabaseNameAsync(db, trashed, name, cancellationToken),
                cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            await db.Database.RollbackTransactionAsync(cancellationToken);
            throw await FindConflictAsync(trashed, name, e, cancellationToken);
        }

        return new TenantRequest(new AuditEntry("tenant.restore_requested")
        {
            Before = Changed(("subdominio", name == trashed.Subdomain ? null : trashed.Subdomain),
                ("columns_gone", gone.Count == 0 ? null : gone)),
            After = Changed(("subdominio", name == trashed.Subdomain ? null : name)),
        }, new RestoreData(before.IsActive, before.State))
        {
            Target = OperationTarget.Of(trashed) with { Subdomain = name },
            Replaced = superseded,
            Apply = operation => trashed.RestoreOperationId = operation.Id,
        };
    }

    /// <summary>
    /// The action that a person signs to purge a tenant from the trash: the tenant as they saw it, and the reason.
    /// </summary>
    public static SignedAction SignatureOf(TrashedTenant trashed, string? reason) =>
        SignedAction.Of(SignedAction.TenantPurge, $"{trashed.Id}", new
        {
            trashed.LegalName,
            trashed.Ruc,
            trashed.Subdomain,
            trashed.DatabaseName,
            trashed.DeleteOperationId,
            trashed.PurgeAfter,
            Reason = SignedAction.Reason(reason),
        });

    /// <summary>Purges a tenant before the retention is over, if nothing has to be kept.</summary>
    /// <returns>The operation's id.</returns>
    /// <exception cref="InvalidInputException">The typed sub-domain is not this tenant's.</exception>
    /// <exception cref="RuleException">
    /// <c>not_in_trash</c>, <c>operation_running</c>, <c>retention_too_short</c>, <c>password_wrong</c>;
    /// <c>confirmation_stale</c>: the tenant is not as it was signed or shown.
    /// </exception>
    public async Task<Guid> PurgeAsync(
        Actor actor, int tenantId, PurgeRequest request, CancellationToken cancellationToken)
    {
        actor.Demand(TrashAction.Purge.Right);
        var (confirm, reason) = (request.Confirm, request.Reason);

        // The proof uses another connection, so it comes before any lock.
        var found = await CheckUnlockedAsync(actor, tenantId, confirm, reason, cancellationToken);
        var signed = SignatureOf(found, reason);
        SignedAction.DemandSame(request.Shown, signed);
        var signedWith = await reauthentication.DemandAsync(actor, signed, request.Password, cancellationToken);
        return await requests.EnqueueAsync(actor, tenantId, TrashAction.Purge, async (db, trashed, token) =>
        {
            DemandConfirmed(trashed, confirm, reason);
            SignedAction.DemandSame(signed, SignatureOf(trashed, reason));
            await DemandIdleAsync(db, tenantId, token);
            var isEarly = TrashStanding.Of(trashed, TrashWork.None, time.GetUtcNow()).IsEarly;
            return new TenantRequest(new AuditEntry("tenant.purge_requested")
            {
                Reason = reason.Trim(), SignatureMeaning = "sign_tenant_purge", SignedWith = signedWith,
            }, new PurgeData(trashed.DeleteOperationId, isEarly));
        }, cancellationToken);
    }

    private async Task<TrashedTenant> CheckUnlockedAsync(
        Actor actor, int tenantId, string confirm, string reason, CancellationToken cancellationToken)
    {
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var found = await db.Set<TrashedTenant>().AsNoTracking()
            .SingleOrDefaultAsync(t => t.Id == tenantId, cancellationToken)
            ?? throw new NotFoundException("not_in_trash");
        TrashAction.Purge.Demand(await TrashStandings.ReadAsync(db, found, time.GetUtcNow(), cancellationToken));
        DemandConfirmed(found, confirm, reason);
        return found;
    }

    // A drop that waits or backs off has destroyed nothing yet. A claimed one is left alone: FOR UPDATE waits for the
    // claim and then sees its state.
    private async Task<List<AuditEntry>> SupersedeAsync(
        MasterContext db, TrashedTenant trashed, CancellationToken cancellationToken)
    {
        var drops = await db.Set<Operation>().FromSql(
            $"""
            SELECT * FROM portal.operations
            WHERE tenant_id = {trashed.Id} AND state IN ('queued', 'waiting')
            FOR UPDATE
            """).ToListAsync(cancellationToken);
        drops.RemoveAll(drop => !TrashStandings.IsWaitingDrop(trashed, drop));
        foreach (var drop in drops)
        {
            (drop.State, drop.Error) = (OperationState.Cancelled, new Message("superseded_by_restore"));
            (drop.FinishedAt, drop.NotBefore) = (time.GetUtcNow(), null);
        }

        // Saved now, because the caller then checks which operations are left.
        await db.SaveChangesAsync(cancellationToken);
        return [.. drops.Select(drop => new AuditEntry("operation.cancelled")
        {
            TenantId = trashed.Id, Ruc = trashed.Ruc, Subdomain = trashed.Subdomain, OperationId = drop.Id,
            After = new Dictionary<string, object?>
            {
                ["kind"] = drop.Kind.Code, ["error"] = AuditedMessage.Of(drop.Error),
            },
        })];
    }

    private static async Task DemandIdleAsync(MasterContext db, int tenantId, CancellationToken cancellationToken)
    {
        if (await db.Set<Operation>()
            .AnyAsync(o => o.TenantId == tenantId && OperationStates.Unfinished.Contains(o.State), cancellationToken)
            || await db.Set<Tenant>().AnyAsync(t => t.Id == tenantId, cancellationToken))
        {
            throw new RuleException("operation_running");
        }
    }

    private static void DemandConfirmed(TrashedTenant trashed, string? confirm, string reason)
    {
        if (confirm?.Trim() != trashed.Subdomain)
        {
            throw new InvalidInputException("confirm", new Message("confirmation_wrong", trashed.Subdomain));
        }

        TenantRules.DemandReason(reason);
    }

    private static Dictionary<string, object?>? Changed(params (string Field, object? Value)[] values) =>
        values.Where(v => v.Value is not null)
            .ToDictionary(v => v.Field, v => v.Value) is { Count: > 0 } changed ? changed : null;

    // The database keeps its name unless a newer tenant has it by now.
    private static async Task<string?> FreeDatabaseNameAsync(
        MasterContext db, TrashedTenant trashed, string subdomain, CancellationToken cancellationToken) =>
        trashed.DatabaseName is { } name
            && !await db.Set<Tenant>().AnyAsync(t => t.DatabaseName == name, cancellationToken)
            && !await db.Set<ManagedDatabase>().AnyAsync(
                d => d.ServerId == trashed.ServerId && d.Name == name, cancellationToken)
            ? name
            : DatabaseName.For(new Subdomain(subdomain)).Value;

    private async Task<RuleException> FindConflictAsync(
        TrashedTenant trashed, string subdomain, PostgresException taken, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var holder = await db.Set<Tenant>().AsNoTracking().Where(t => t.Ruc == trashed.Ruc || t.Subdomain == subdomain)
            .FirstOrDefaultAsync(cancellationToken);
        return holder switch
        {
            // The violation is of a unique column of the product's own.
            null => new RuleException("registry_row_refused", taken.MessageText),
            _ when holder.Ruc == trashed.Ruc => new RuleException("ruc_taken", holder.LegalName ?? ""),
            _ => new RuleException("subdominio_taken", holder.LegalName ?? ""),
        };
    }
}

/// <summary>A page of the trash.</summary>
public sealed record TrashPage(IReadOnlyList<TrashedTenant> Items, int Total, int Page, int PageSize)
    : ListPage<TrashedTenant>(Items, Total, Page, PageSize);
