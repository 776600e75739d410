using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Staff.Team;

namespace Vigia.Core.Staff.MyAccount;

/// <summary>A person's own name, as pages and audit records have it.</summary>
public sealed class OwnName(
    IDbContextFactory<MasterContext> contexts, Reauthentication reauthentication, AuditTrail audit)
{
    /// <summary>The longest name, in characters.</summary>
    public const int Longest = StaffNames.Longest;

    /// <summary>The action that a person signs to change their name.</summary>
    public static SignedAction ActionOf(Guid person, string? name) =>
        SignedAction.Of(SignedAction.NameChange, $"{person:N}", SafeText.Clean(name) ?? "");

    /// <summary>
    /// Changes the name. Earlier audit records keep the earlier one, and the new one must be unique. Does nothing when
    /// the name is the present one. <paramref name="proof"/> is for <see cref="ActionOf"/> (see
    /// <see cref="Reauthentication"/>).
    /// </summary>
    /// <exception cref="RuleException">A refusal by <see cref="Reauthentication"/>.</exception>
    /// <exception cref="InvalidInputException"><c>full_name</c>.</exception>
    public async Task ChangeAsync(Actor actor, string? fullName, string? proof, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        var (id, name) = (actor.StaffId!.Value, StaffNames.Demand(fullName));
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await DemandFreeAsync(db, name, id, cancellationToken);
        var how = await reauthentication.DemandAsync(actor, ActionOf(id, name), proof, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var member = await TeamLock.LockMemberAsync(db, id, cancellationToken);
        await DemandFreeAsync(db, name, id, cancellationToken);
        if (member.FullName == name)
        {
            return;
        }

        var before = new Dictionary<string, object?> { ["full_name"] = member.FullName };
        member.FullName = name;
        StaffStamps.Touch(member);
        var entry = StaffRecord.Change(
            "staff.own_name_changed", member, before, new Dictionary<string, object?> { ["full_name"] = name });
        await audit.CommitAsync(db, actor, entry with { SignedWith = how }, cancellationToken);
    }

    private static async Task DemandFreeAsync(
        MasterContext db, string name, Guid own, CancellationToken cancellationToken)
    {
        if (await StaffNames.FindConflictAsync(db, name, own, cancellationToken) is { } taken)
        {
            throw new InvalidInputException("full_name", taken);
        }
    }
}
