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

    /// <summary>
    /// Reads a page of the trash, the next purge first. Pages have 1 to 200 tenants.
    /// </summary>
    /// <param name="page">The number of the page: from 1, or from -1 downwards, counted from the end.</param>
    /// <param name="place">The tenant beside which the page begins; null to find the page by its number.</param>
    public async Task<TrashPage> ListAsync(
        Actor actor, int page, int pageSize, ListPlace<int>? place, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenSessionAsync(actor, cancellationToken);
        var all = db.Set<TrashedTenant>().AsNoTracking();

        // A tenant that has left the trash is no place. The page is then found by its number.
        var at = place is null ? null : await all.Where(t => t.Id == place.Id)
            .Select(t => new TrashedPlace(t.PurgeAfter, t.Id)).SingleOrDefaultAsync(cancellationToken);
        return await ReadAsync(all, span => Parts(all, span, at),
            new ListSpan(page == 0 ? 1 : page, Math.Clamp(pageSize, 1, PageSize.Max), at is not null,
                place?.Before == true), cancellationToken);
    }

    /// <summary>
    /// Returns a page of the trash, newest first. <paramref name="text"/> is searched in RUC, legal name and
    /// sub-domain; null for all. <paramref name="page"/> starts at 1; <paramref name="pageSize"/> is 1–200.
    /// </summary>
    public async Task<TrashPage> SearchAsync(
        Actor actor, string? text, int page, int pageSize, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenSessionAsync(actor, cancellationToken);
        var matching = TenantTextSearch.Match(db.Set<TrashedTenant>().AsNoTracking(), text);
        return await ReadAsync(
            matching, _ => [matching.OrderByDescending(t => t.DeletedAt).ThenByDescending(t => t.Id)],
            new ListSpan(Math.Max(1, page), Math.Clamp(pageSize, 1, PageSize.Max)), cancellationToken);
    }

    private static async Task<TrashPage> ReadAsync(
        IQueryable<TrashedTenant> all, Func<ListSpan, IReadOnlyList<IQueryable<TrashedTenant>>> parts, ListSpan span,
        CancellationToken cancellationToken)
    {
        var reading = new ListReading<TrashedTenant, TrashedTenant>(
            parts, (part, cancel) => part.ToListAsync(cancel));
        var (slice, total) = await reading.ReadAsync(
            span, cancel => ListTotal.CountAsync(all.Select(t => t.Id), cancel), cancellationToken);
        return new TrashPage(slice.Rows, total.Count, slice.Page, span.Size)
        {
            TotalIsExact = total.IsExact, HasPrevious = slice.HasPrevious, HasNext = slice.HasNext,
        };
    }

    // Tenants that are due at the same moment are a part of their own: each part is one range of the index.
    private static IReadOnlyList<IQueryable<TrashedTenant>> Parts(
        IQueryable<TrashedTenant> all, ListSpan span, TrashedPlace? place)
    {
        IQueryable<TrashedTenant> Sort(IQueryable<TrashedTenant> some) => span.IsForward
            ? some.OrderBy(t => t.PurgeAfter).ThenBy(t => t.Id)
            : some.OrderByDescending(t => t.PurgeAfter).ThenByDescending(t => t.Id);
        if (place is not { } at || !span.IsPlaced)
        {
            return [Sort(all)];
        }

        var same = all.Where(t => t.PurgeAfter == at.PurgeAfter);
        return span.IsForward
            ? [Sort(same.Where(t => t.Id > at.Id)), Sort(all.Where(t => t.PurgeAfter > at.PurgeAfter))]
            : [Sort(same.Where(t => t.Id < at.Id)), Sort(all.Where(t => t.PurgeAfter < at.PurgeAfter))];
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
    /// <exception cref="RuleException"><c>db_name_taken</c>: a tenant has the name for the sub-domain too.</exception>
    private static async Task<string?> FreeDatabaseNameAsync(
        MasterContext db, TrashedTenant trashed, string subdomain, CancellationToken cancellationToken)
    {
        if (trashed.DatabaseName is { } name
            && !await db.Set<Tenant>().AnyAsync(t => t.DatabaseName == name, cancellationToken)
            && !await db.Set<ManagedDatabase>().AnyAsync(
                d => d.ServerId == trashed.ServerId && d.Name == name, cancellationToken))
        {
            return name;
        }

        // A tenant that has the sub-domain, too, is named when the row is written.
        var derived = DatabaseName.For(new Subdomain(subdomain)).Value;
        return await db.Set<Tenant>().AnyAsync(
            t => t.DatabaseName == derived && t.Subdomain != subdomain, cancellationToken)
            ? throw new RuleException("db_name_taken", derived) : derived;
    }

    private async Task<RuleException> FindConflictAsync(
        TrashedTenant trashed, string subdomain, PostgresException taken, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await db.Set<Tenant>().AsNoTracking().Where(t => t.Ruc == trashed.Ruc).Select(t => t.LegalName ?? "")
            .FirstOrDefaultAsync(cancellationToken) is { } holder)
        {
            return new RuleException("ruc_taken", holder);
        }

        // Otherwise the violation is of a unique column of the product's own.
        return await SubdomainHolders.FindAsync(db, subdomain, trashed.Id, time.GetUtcNow(), cancellationToken)
            is { } other ? SubdomainHolders.Refusal(other)
            : new RuleException(new Message("registry_row_refused", taken.MessageText).Bounded());
    }
}

/// <summary>A page of the trash.</summary>
public sealed record TrashPage(IReadOnlyList<TrashedTenant> Items, int Total, int Page, int PageSize)
    : ListPage<TrashedTenant>(Items, Total, Page, PageSize);

/// <summary>Where a tenant stands in the list of the trash.</summary>
internal sealed record TrashedPlace(DateTimeOffset PurgeAfter, int Id);
