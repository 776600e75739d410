using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Core.Staff.MyAccount;

/// <summary>The state of a person's own second factor.</summary>
/// <param name="IsOn">Whether signing in asks for a code of the authenticator.</param>
/// <param name="CodesLeft">How many recovery codes are left.</param>
/// <param name="IsDemanded">Whether the person must have a second factor.</param>
public sealed record SecondFactorState(bool IsOn, int CodesLeft, bool IsDemanded);

/// <summary>
/// A person's own authenticator and recovery codes. Every change re-authenticates the person, so that nobody can make
/// it from an unattended screen.
/// </summary>
// More than five dependencies: every change of a second factor is signed, recorded and checked against the policy in
// one transaction.
public sealed class OwnSecondFactor(
    IDbContextFactory<MasterContext> contexts, SecondFactorStore store, SecondFactorPolicy policy,
    Reauthentication reauthentication, AuditTrail audit, AccountMails mails, TimeProvider time)
{
    public async Task<SecondFactorState> ReadAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var isOn = await db.Users.AnyAsync(s => s.Id == actor.StaffId && s.TwoFactorEnabled, cancellationToken);
        return new SecondFactorState(
            isOn, isOn ? await SecondFactorStore.CountCodesAsync(db, actor.StaffId!.Value, cancellationToken) : 0,
            policy.IsDemandedOf(actor.Roles));
    }

    /// <summary>The action that a person signs to turn on the authenticator that has this secret.</summary>
    public static SignedAction SignatureOf(Guid person, byte[] secret) =>
        SignedAction.Of(SignedAction.SecondFactorOn, $"{person:N}", Convert.ToHexString(secret));

    /// <summary>
    /// Turns the authenticator on, or replaces it by another one. <paramref name="secret"/> is the one that was shown
    /// (<see cref="Totp.NewSecret"/>). <paramref name="digits"/> is the code that the app shows for it, which proves
    /// that the app works. <paramref name="proof"/> is for <see cref="SignatureOf"/> (see
    /// <see cref="Reauthentication"/>).
    /// </summary>
    /// <returns>The recovery codes, which nobody can read again.</returns>
    /// <exception cref="InvalidInputException"><c>code</c>: not the code that the app shows now.</exception>
    public async Task<IReadOnlyList<string>> EnableAsync(
        Actor actor, byte[] secret, string digits, string? proof, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        var step = StepOf(secret, digits);
        await reauthentication.DemandAsync(
            actor, SignatureOf(actor.StaffId!.Value, secret), proof, cancellationToken);
        return await ReplaceSecretAsync(actor, actor.StaffId!.Value, secret, step, cancellationToken);
    }

    /// <summary>
    /// Does the same for a person who has done the first step of signing in and must set up a second factor to
    /// continue.
    /// </summary>
    /// <exception cref="InvalidInputException"><c>code</c>: not the code that the app shows now.</exception>
    /// <exception cref="RuleException"><c>second_factor_there</c>: another request set it up first.</exception>
    public async Task<IReadOnlyList<string>> EnrolAsync(
        StaffMember member, string? address, byte[] secret, string digits, CancellationToken cancellationToken)
    {
        var step = StepOf(secret, digits);
        if (member.TwoFactorEnabled)
        {
            throw new RuleException("second_factor_there");
        }

        return await ReplaceSecretAsync(
            new Actor(member.Id, member.FullName, address, []), member.Id, secret, step, cancellationToken);
    }

    /// <summary>Creates new recovery codes; the old ones stop working.</summary>
    /// <exception cref="RuleException"><c>second_factor_off</c>.</exception>
    public async Task<IReadOnlyList<string>> NewCodesAsync(
        Actor actor, string? proof, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        await reauthentication.DemandAsync(
            actor, SignedAction.Own(SignedAction.RecoveryCodesNew, actor), proof, cancellationToken);
        var codes = RecoveryCodes.Create();
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await LockAsync(db, actor.StaffId!.Value, on: true, cancellationToken);
        await SecondFactorStore.ReplaceCodesAsync(db, actor.StaffId.Value, codes, cancellationToken);
        await mails.AddAsync(
            db, actor.StaffId.Value, AccountNews.RecoveryCodes, [], actor.Address, cancellationToken);
        await audit.CommitAsync(
            db, actor, new AuditEntry(
            "staff.recovery_codes_made")
            { After = new Dictionary<string, object?> { ["codes"] = codes.Count } },
            cancellationToken);
        return codes;
    }

    /// <summary>Turns the authenticator off and removes its recovery codes.</summary>
    /// <exception cref="RuleException">
    /// <c>second_factor_demanded</c>: the person must have a second factor and has no passkey;
    /// <c>second_factor_off</c>.
    /// </exception>
    public async Task DisableAsync(Actor actor, string? proof, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        await reauthentication.DemandAsync(
            actor, SignedAction.Own(SignedAction.SecondFactorOff, actor), proof, cancellationToken);
        var id = actor.StaffId!.Value;
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await LockAsync(db, id, on: true, cancellationToken);
        if (policy.IsDemandedOf(actor.Roles) && !await db.UserPasskeys.AnyAsync(p => p.UserId == id, cancellationToken))
        {
            throw new RuleException("second_factor_demanded");
        }

        await SecondFactorStore.RemoveAsync(db, id, cancellationToken);
        await db.Users.Where(s => s.Id == id)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.TwoFactorEnabled, false), cancellationToken);
        await audit.CommitAsync(db, actor, new AuditEntry("staff.second_factor_disabled"), cancellationToken);
    }

    private long StepOf(byte[] secret, string digits) =>
        Totp.Match(secret, string.Concat(digits.Where(char.IsAsciiDigit)), time.GetUtcNow())
            ?? throw new InvalidInputException("code", new Message("second_factor_code_wrong"));

    private async Task<IReadOnlyList<string>> ReplaceSecretAsync(
        Actor actor, Guid id, byte[] secret, long step, CancellationToken cancellationToken)
    {
        var codes = RecoveryCodes.Create();
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await LockAsync(db, id, on: null, cancellationToken);

        // The code that turned the authenticator on is used up like any other.
        await store.PutAsync(db, id, secret, step, codes, cancellationToken);
        await db.Users.Where(s => s.Id == id)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.TwoFactorEnabled, true), cancellationToken);
        await mails.AddAsync(db, id, AccountNews.SecondFactor, [], actor.Address, cancellationToken);
        await audit.CommitAsync(
            db, actor, new AuditEntry(
            "staff.second_factor_enabled")
            {
                After = new Dictionary<string, object?>
                { ["recovery_codes"] = codes.Count }
            }, cancellationToken);
        return codes;
    }

    // The row lock makes two simultaneous requests run one after the other, so that the second sees the first one's
    // change.
    private static async Task LockAsync(MasterContext db, Guid id, bool? on, CancellationToken cancellationToken)
    {
        var isOn = await db.Database.SqlQuery<bool>(
            $"SELECT two_factor_enabled AS \"Value\" FROM portal.staff WHERE id = {id} FOR UPDATE")
            .ToListAsync(cancellationToken);
        if (on is { } wanted && isOn.Single() != wanted)
        {
            throw new RuleException("second_factor_off");
        }
    }
}
