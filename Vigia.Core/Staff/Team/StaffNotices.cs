using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Approvals;

namespace Vigia.Core.Staff.Team;

/// <summary>A request about the team that takes effect by itself unless somebody cancels it.</summary>
/// <param name="Id">The request.</param>
/// <param name="RequestedByName">The person who asked.</param>
/// <param name="FullName">The person who becomes an administrator.</param>
/// <param name="Email">That person's address.</param>
/// <param name="EffectiveAt">When it takes effect.</param>
public sealed record AnnouncedRequest(
    Guid Id, string RequestedByName, string FullName, string Email, DateTimeOffset EffectiveAt);

/// <summary>An action of the server's console on an administrator's account.</summary>
/// <param name="Id">The id of the stored influence.</param>
/// <param name="Kind">
/// <see cref="InfluenceKind.ConsoleMade"/> or <see cref="InfluenceKind.ConsoleRecovered"/>.
/// </param>
/// <param name="ByName">The console, as the audit trail prints it.</param>
/// <param name="FullName">The administrator whose account it was.</param>
/// <param name="Email">The administrator's address.</param>
/// <param name="At">When it happened.</param>
public sealed record ConsoleAct(
    Guid Id, InfluenceKind Kind, string ByName, string FullName, string Email, DateTimeOffset At);

/// <summary>
/// The notices about the team that every page shows: to all staff, requests that are about to make an administrator; to
/// administrators, what the console did.
/// </summary>
public sealed class StaffNotices(IDbContextFactory<MasterContext> contexts, TimeProvider time)
{
    // The provider name under which Identity's tokens record that a person has dismissed a notice.
    private const string Closed = "vigia.console_seen";

    // After this time nobody has to dismiss the notice any more. The audit trail keeps the record.
    private static readonly TimeSpan Shown = TimeSpan.FromDays(365);

    /// <summary>
    /// Lists requests that will take effect by themselves, the next one first. A person with access to chosen tenants
    /// gets none, because they may not see names and addresses of staff.
    /// </summary>
    public async Task<IReadOnlyList<AnnouncedRequest>> AnnouncedAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        if (actor.TenantScope is not null)
        {
            return [];
        }

        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var waiting = await db.Set<Approval>().AsNoTracking()
            .Where(a => a.State == ApprovalState.Waiting && a.EffectiveAt != null).OrderBy(a => a.EffectiveAt)
            .ToListAsync(cancellationToken);
        return [.. from a in waiting
                   let content = StaffRequestContent.Of(a)
                   select new AnnouncedRequest(
                       a.Id, a.RequestedByName, content.FullName, content.Email, a.EffectiveAt!.Value)];
    }

    /// <summary>Lists console actions that this administrator has not dismissed, oldest first.</summary>
    public async Task<IReadOnlyList<ConsoleAct>> ConsoleAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffManage);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var since = time.GetUtcNow() - Shown;
        var acts = await (
            from act in db.Set<StaffInfluence>().AsNoTracking()
            join member in db.Users on act.StaffId equals member.Id
            where act.ById == null && act.At > since
            orderby act.At
            select new ConsoleAct(act.Id, act.Kind, act.ByName, member.FullName, member.Email!, act.At))
                .ToListAsync(cancellationToken);
        var closed = await db.UserTokens.Where(t => t.UserId == actor.StaffId && t.LoginProvider == Closed)
            .Select(t => t.Name).ToListAsync(cancellationToken);
        return [.. acts.Where(act => !closed.Contains($"{act.Id:N}"))];
    }

    /// <summary>Dismisses a notice for this administrator.</summary>
    public async Task CloseAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffManage);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var name = $"{id:N}";
        if (!await db.UserTokens.AnyAsync(
            t => t.UserId == actor.StaffId && t.LoginProvider == Closed && t.Name == name, cancellationToken))
        {
            db.UserTokens.Add(new IdentityUserToken<Guid>
            {
                UserId = actor.StaffId ?? throw new ForbiddenException(Rights.StaffManage), LoginProvider = Closed,
                Name = name, Value = $"{time.GetUtcNow():O}",
            });
            await db.SaveChangesAsync(cancellationToken);
        }
    }
}
