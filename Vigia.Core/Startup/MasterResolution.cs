using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Staff.Signatures;

namespace Vigia.Core.Startup;

/// <summary>
/// Stores a person's answer to the question whether the master was moved or copied. See docs/rules.md#copied-master.
/// </summary>
// More than five dependencies: one transaction stores the answer, and then the process learns of it.
public sealed class MasterResolution(
    IDbContextFactory<MasterContext> contexts, MasterPlace place, MasterIdentity identity,
    Reauthentication reauthentication, AuditTrail audit, ChangeFeed feed)
{
    private const string Moved = "master.moved";
    private const string DeclaredCopy = "master.declared_copy";

    /// <summary>
    /// Declares that the master was moved (restored, or another host name). The original no longer exists, and its
    /// databases belong to this master as before.
    /// </summary>
    /// <param name="actor">The person who answers.</param>
    /// <param name="proof">
    /// The proof of the re-authentication for <see cref="SignatureOf"/>. See <see cref="Reauthentication"/>.
    /// </param>
    /// <exception cref="RuleException">
    /// <c>password_wrong</c> and similar codes, <c>too_many_tries</c>, <c>not_read_only</c>.
    /// </exception>
    public Task MovedAsync(Actor actor, string? proof, CancellationToken cancellationToken) =>
        ResolveAsync(actor, proof, Moved, (_, _) => Task.CompletedTask, cancellationToken);

    /// <summary>
    /// Declares that the master is a copy and the original still works. The copy gets an id of its own and forgets the
    /// original's databases, roles, invitations and trash. Its tenants become unmanaged, and unfinished operations are
    /// cancelled. Nothing on any server is changed.
    /// </summary>
    /// <inheritdoc cref="MovedAsync"/>
    public Task CopyAsync(Actor actor, string? proof, CancellationToken cancellationToken) =>
        ResolveAsync(actor, proof, DeclaredCopy, ForgetAsync, cancellationToken);

    /// <summary>
    /// The signed action for an answer: the master is a copy, or it was moved. <paramref name="places"/> says where it
    /// was and where it is (<see cref="MasterIdentity.ReadOnly"/>).
    /// </summary>
    public static SignedAction SignatureOf(bool copy, Message places) => SignedAction.Of(
        SignedAction.MasterResolve, copy ? DeclaredCopy : Moved, new { Was = places.Args[0], Is = places.Args[1] });

    private static async Task ForgetAsync(MasterContext db, CancellationToken cancellationToken)
    {
        (await db.Set<MasterInstance>().SingleAsync(cancellationToken)).MasterId = Guid.NewGuid();
        await db.Set<Operation>().Where(o => OperationStates.Unfinished.Contains(o.State))
            .ExecuteUpdateAsync(
                s => s.SetProperty(o => o.State, OperationState.Cancelled).SetProperty(o => o.Epoch, o => o.Epoch + 1),
                cancellationToken);
        await db.Set<OutboxMessage>().Where(m => m.State == OutboxState.Pending).ExecuteDeleteAsync(cancellationToken);
        await db.Set<Approval>().Where(a => a.State == ApprovalState.Waiting)
            .ExecuteUpdateAsync(s => s.SetProperty(a => a.State, ApprovalState.Withdrawn), cancellationToken);
        await db.Set<IsolationProof>().Where(p => p.IsLast)
            .ExecuteUpdateAsync(s => s.SetProperty(p => p.IsLast, false), cancellationToken);
        await db.Set<TenantCredential>().ExecuteDeleteAsync(cancellationToken);
        await db.Set<TenantInvitation>().ExecuteDeleteAsync(cancellationToken);
        await db.Set<TrashedTenant>().ExecuteDeleteAsync(cancellationToken);
        await db.Set<ManagedDatabase>().ExecuteDeleteAsync(cancellationToken);
        await TenantRow.ForgetAllDatabasesAsync(db, cancellationToken);
    }

    private async Task ResolveAsync(
        Actor actor, string? proof, string action, Func<MasterContext, CancellationToken, Task> change,
        CancellationToken cancellationToken)
    {
        actor.Demand(Rights.MasterIdentityResolve);
        var readOnly = identity.ReadOnly ?? throw new RuleException("not_read_only");
        var signedWith = await reauthentication.DemandAsync(
            actor, SignatureOf(action == DeclaredCopy, readOnly), proof, cancellationToken);
        var fingerprint = await place.ReadAsync(cancellationToken);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var instance = await db.Set<MasterInstance>().SingleAsync(cancellationToken);
        await change(db, cancellationToken);
        fingerprint.StoreIn(instance);
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
