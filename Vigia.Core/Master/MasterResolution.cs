using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Approvals;
using Vigia.Core.Audit;
using Vigia.Core.Configuration;
using Vigia.Core.Errors;
using Vigia.Core.Feed;
using Vigia.Core.Mail;
using Vigia.Core.Operations;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;

namespace Vigia.Core.Master;

/// <summary>A person's answer to why the master is not where it was (invariant 11).</summary>
public sealed class MasterResolution(
    IDbContextFactory<MasterContext> contexts, NpgsqlDataSource master, VigiaSettings settings, MasterIdentity identity, Reauthentication reauthentication, AuditTrail audit, ChangeFeed feed)
{
    private const string Moved = "master.moved";
    private const string DeclaredCopy = "master.declared_copy";
    private static readonly OperationState[] Unfinished = [OperationState.Queued, OperationState.Running, OperationState.Waiting, OperationState.Cancelling];

    /// <summary>It was moved (restored, another host name): the original is gone, its databases are ours as before.</summary>
    /// <param name="actor">Who says so.</param>
    /// <param name="proof">See <see cref="Reauthentication"/>, for <see cref="SignatureOf"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RuleException"><c>password_wrong</c> and its like, <c>locked_out</c>, <c>not_read_only</c>.</exception>
    public Task MovedAsync(Actor actor, string? proof, CancellationToken cancellationToken) =>
        ResolveAsync(actor, proof, Moved, (_, _) => Task.CompletedTask, cancellationToken);

    /// <summary>
    /// It is a copy and the original lives: it gets an id of its own and forgets the original's databases, roles, invitations and trash. Its clients become
    /// unmanaged, unfinished operations are cancelled. Nothing on any server is touched.
    /// </summary>
    /// <inheritdoc cref="MovedAsync"/>
    public Task CopyAsync(Actor actor, string? proof, CancellationToken cancellationToken) =>
        ResolveAsync(actor, proof, DeclaredCopy, ForgetAsync, cancellationToken);

    /// <summary>What is signed by an answer.</summary>
    /// <param name="copy">It is a copy; else it was moved.</param>
    public static SignedAction SignatureOf(bool copy) => new(SignedAction.MasterResolve, copy ? DeclaredCopy : Moved);

    private static async Task ForgetAsync(MasterContext db, CancellationToken cancellationToken)
    {
        (await db.Instance.SingleAsync(cancellationToken)).MasterId = Guid.NewGuid();
        await db.Operations.Where(o => Unfinished.Contains(o.State))
            .ExecuteUpdateAsync(s => s.SetProperty(o => o.State, OperationState.Cancelled).SetProperty(o => o.Epoch, o => o.Epoch + 1), cancellationToken);
        await db.Outbox.Where(m => m.State == OutboxState.Pending).ExecuteDeleteAsync(cancellationToken);
        await db.Approvals.Where(a => a.State == ApprovalState.Waiting).ExecuteUpdateAsync(s => s.SetProperty(a => a.State, ApprovalState.Withdrawn), cancellationToken);
        await db.IsolationProofs.Where(p => p.IsLast).ExecuteUpdateAsync(s => s.SetProperty(p => p.IsLast, false), cancellationToken);
        await db.Credentials.ExecuteDeleteAsync(cancellationToken);
        await db.Invitations.ExecuteDeleteAsync(cancellationToken);
        await db.Trash.ExecuteDeleteAsync(cancellationToken);
        await db.Databases.ExecuteDeleteAsync(cancellationToken);
        await db.Tenants.ExecuteUpdateAsync(
            s => s.SetProperty(t => t.State, TenantState.Unmanaged).SetProperty(t => t.SchemaVersion, (int?)null).SetProperty(t => t.ServerId, (int?)null), cancellationToken);
    }

    private async Task ResolveAsync(Actor actor, string? proof, string action, Func<MasterContext, CancellationToken, Task> change, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.MasterIdentityResolve);
        var readOnly = identity.ReadOnly ?? throw new RuleException("not_read_only");
        var signedWith = await reauthentication.DemandAsync(actor, SignatureOf(action == DeclaredCopy), proof, cancellationToken);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var instance = await db.Instance.SingleAsync(cancellationToken);
        await change(db, cancellationToken);
        (await MasterFingerprint.ReadAsync(master, settings, cancellationToken)).StoreIn(instance);
        await audit.CommitAnywhereAsync(db, actor, new AuditEntry(action)
        {
            SignatureMeaning = action == Moved ? "sign_master_moved" : "sign_master_copy",
            SignedWith = signedWith,
            Before = new Dictionary<string, object?> { ["was_at"] = readOnly.Args[0] },
            After = new Dictionary<string, object?> { ["is_at"] = readOnly.Args[1] },
        }, cancellationToken);
        identity.MasterId = instance.MasterId;
        identity.ReadOnly = null;
        feed.PublishEverything();
    }
}
