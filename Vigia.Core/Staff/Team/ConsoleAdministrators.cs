using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Core.Staff.Team;

/// <summary>
/// The actions of the server's console on administrators: it makes one without a second person, and gives one their
/// access back. Nobody is re-authenticated, because a person on that console has the database and its secret anyway.
/// Every administrator is notified, by mail if mail is configured.
/// </summary>
public sealed class ConsoleAdministrators(IServiceScopeFactory scopes, AuditTrail audit, TimeProvider time)
{
    /// <summary>The command that calls <see cref="MakeAsync"/>.</summary>
    public const string MakeCommand = "make-administrator";

    /// <summary>The command that gives an administrator their access back.</summary>
    public const string RecoverCommand = "recover-administrator";

    /// <summary>
    /// Makes an administrator of a new person, a member or a disabled member. <paramref name="fullName"/> is the name
    /// of a new person as the audit trail prints it; the address when null. <paramref name="console"/> is how the trail
    /// names the person on the console.
    /// </summary>
    /// <returns>The link with which they choose a password; null for a member who has one.</returns>
    /// <exception cref="RuleException"><c>staff_administrator_already</c>; <c>read_only</c>.</exception>
    /// <exception cref="InvalidInputException"><c>email</c>, <c>full_name</c>.</exception>
    public async Task<StaffLink?> MakeAsync(
        string email, string? fullName, string console, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var (actions, mails) =
            (scope.ServiceProvider.GetRequiredService<StaffActions>(),
            scope.ServiceProvider.GetRequiredService<StaffMails>());
        var (db, actor, now) = (actions.Db, ActorOf(console), time.GetUtcNow());
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await TeamLock.LockAsync(db, cancellationToken);
        var found = await FindAsync(db, email, cancellationToken);
        var held = found is null ? [] : await StaffRoleRows.OfAsync(db, found.Id, cancellationToken);
        var isBlocked = found is not null && StaffActions.IsBlocked(found, now);
        if (!isBlocked && held.Contains(StaffRoles.Administrator))
        {
            throw new RuleException("staff_administrator_already", found!.FullName);
        }

        var kind = found is null ? StaffRequestKind.Invite : isBlocked ? StaffRequestKind.Enable
            : StaffRequestKind.Access;
        var content = new StaffRequestContent
        {
            FullName = found?.FullName ?? fullName ?? email, Email = found?.Email ?? email,
            Roles = isBlocked ? [StaffRoles.Administrator] : [.. held.Append(StaffRoles.Administrator)],
        };
        var (member, entry) = await actions.ApplyAsync(
            actor, new StaffAction(kind, found, content, null), cancellationToken);
        var link = member.PasswordHash is null
            ? await actions.GiveLinkAsync(member, actor, toConsole: true, cancellationToken) : null;
        await CommitAsync(
            actions, mails, actor, member, InfluenceKind.ConsoleMade,
            "staff.made_on_console", [entry!],
            cancellationToken);
        return link;
    }

    /// <summary>
    /// Restores access for an administrator who lost all credentials: removes second factor and passkeys, ends
    /// sessions, revokes API tokens, and returns a link to set a new password. <paramref name="console"/> is how the
    /// audit trail names the person on the console.
    /// </summary>
    /// <exception cref="RuleException">
    /// <c>staff_unknown</c>; <c>staff_not_administrator</c>; <c>read_only</c>.
    /// </exception>
    public async Task<StaffLink> RecoverAsync(string email, string console, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var (actions, mails) =
            (scope.ServiceProvider.GetRequiredService<StaffActions>(),
            scope.ServiceProvider.GetRequiredService<StaffMails>());
        var (db, actor, now) = (actions.Db, ActorOf(console), time.GetUtcNow());
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await TeamLock.LockAsync(db, cancellationToken);
        var member = await FindAsync(db, email, cancellationToken) ?? throw new NotFoundException("staff_unknown");
        if (StaffActions.IsBlocked(member, now)
            || !(await StaffRoleRows.OfAsync(db, member.Id, cancellationToken)).Contains(StaffRoles.Administrator))
        {
            throw new RuleException("staff_not_administrator", member.FullName);
        }

        var factor = await actions.ResetSecondFactorAsync(member, now, cancellationToken);
        await scope.ServiceProvider.GetRequiredService<SignInThrottle>()
            .ForgetAccountAsync(db, member, cancellationToken);
        var link = await actions.GiveLinkAsync(member, actor, toConsole: true, cancellationToken);
        await CommitAsync(
            actions, mails, actor, member, InfluenceKind.ConsoleRecovered,
            "staff.recovered_on_console",
            [factor], cancellationToken);
        return link;
    }

    private async Task CommitAsync(
        StaffActions actions, StaffMails mails, Actor actor, StaffMember member, InfluenceKind kind,
        string action, IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        actions.Db.Set<StaffInfluence>()
            .Add(new StaffInfluence { StaffId = member.Id, ByName = actor.Name, Kind = kind, At = now });
        await actions.Db.SaveChangesAsync(cancellationToken);
        var mail = kind == InfluenceKind.ConsoleMade ? "mail_staff_console_made" : "mail_staff_console_recovered";
        await mails.NotifyAdministratorsAsync(
            actions.Db, mail, [member.FullName, member.Email!, StaffMails.Lima(now), actor.Name],
            cancellationToken);
        await audit.CommitAsync(actions.Db, actor, [StaffRecord.Of(action, member), .. entries], cancellationToken);
    }

    private static Task<StaffMember?> FindAsync(MasterContext db, string email, CancellationToken cancellationToken)
    {
        var normalized = EmailAddress.Key(email.Trim());
        return db.Users.FromSql($"SELECT * FROM portal.staff WHERE normalized_email = {normalized} FOR UPDATE")
            .SingleOrDefaultAsync(cancellationToken);
    }

    private static Actor ActorOf(string console) => new(null, console, null, [StaffRoles.Administrator]);
}
