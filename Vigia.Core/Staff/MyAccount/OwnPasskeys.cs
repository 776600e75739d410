using System.Buffers.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Core.Staff.MyAccount;

/// <summary>One of a person's passkeys.</summary>
/// <param name="Id">The id of the credential, base64url.</param>
/// <param name="Name">The name that the person gave it.</param>
/// <param name="CreatedAt">When it was added.</param>
/// <param name="IsSynced">
/// Whether the device's vendor syncs it, so that the person's other devices have it too.
/// </param>
public sealed record OwnPasskey(string Id, string Name, DateTimeOffset CreatedAt, bool IsSynced);

/// <summary>
/// A person's own passkeys: stores them and checks who may change them. Vigia.Portal verifies what the browser sends.
/// </summary>
public sealed class OwnPasskeys(
    IDbContextFactory<MasterContext> contexts, SecondFactorPolicy policy, Reauthentication reauthentication,
    AuditTrail audit, AccountMails mails)
{
    /// <summary>The most passkeys that one person can have.</summary>
    public const int Most = 20;

    public const int LongestName = 60;

    /// <summary>The action that a person signs to add a passkey with this name.</summary>
    public static SignedAction AdditionOf(Guid person, string? name) =>
        SignedAction.Of(SignedAction.PasskeyAdd, $"{person:N}", SafeText.Clean(name) ?? "");

    /// <summary>The problem with the name of a passkey. Null when there is none.</summary>
    public static Message? NameProblem(string? name) => SafeText.Clean(name) is { } clean
        ? SafeText.Problem(clean, LongestName) : new Message("passkey_name");

    /// <summary>The action that a person signs to remove the passkey with this id.</summary>
    public static SignedAction RemovalOf(Guid person, string id) =>
        SignedAction.Of(SignedAction.PasskeyRemove, $"{person:N}", id);

    public async Task<IReadOnlyList<OwnPasskey>> ListAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var rows = await db.UserPasskeys.AsNoTracking().Where(p => p.UserId == actor.StaffId)
            .ToListAsync(cancellationToken);
        return [.. rows.OrderBy(p => p.Data.CreatedAt)
            .Select(p => new OwnPasskey(
            Base64Url.EncodeToString(p.CredentialId), p.Data.Name ?? "", p.Data.CreatedAt, p.Data.IsBackedUp))];
    }

    /// <summary>
    /// Refuses a passkey that could not be stored, before the device is asked for it: otherwise the device keeps one
    /// that the portal does not know.
    /// </summary>
    /// <exception cref="InvalidInputException"><c>name</c>.</exception>
    /// <exception cref="RuleException"><c>passkeys_many</c>.</exception>
    public async Task DemandRoomAsync(Actor actor, string? name, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        CheckedName(name);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await DemandRoomAsync(db, actor, cancellationToken);
    }

    /// <summary>
    /// Stores a passkey that has been verified. <paramref name="proof"/> is for <see cref="AdditionOf"/> (see
    /// <see cref="Reauthentication"/>).
    /// </summary>
    /// <exception cref="InvalidInputException"><c>name</c>.</exception>
    /// <exception cref="RuleException"><c>passkeys_many</c>.</exception>
    public async Task AddAsync(
        Actor actor, UserPasskeyInfo passkey, string name, string? proof, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        name = CheckedName(name);
        var how = await reauthentication.DemandAsync(
            actor, AdditionOf(actor.StaffId!.Value, name), proof, cancellationToken);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await LockAsync(db, actor, cancellationToken);
        await DemandRoomAsync(db, actor, cancellationToken);
        db.UserPasskeys.Add(new IdentityUserPasskey<Guid>
        {
            UserId = actor.StaffId!.Value,
            CredentialId = passkey.CredentialId,
            Data = new IdentityPasskeyData
            {
                Name = name,
                PublicKey = passkey.PublicKey,
                CreatedAt = passkey.CreatedAt,
                SignCount = passkey.SignCount,
                Transports = passkey.Transports,
                IsUserVerified = passkey.IsUserVerified,
                IsBackupEligible = passkey.IsBackupEligible,
                IsBackedUp = passkey.IsBackedUp,
                AttestationObject = passkey.AttestationObject,
                ClientDataJson = passkey.ClientDataJson,
            },
        });
        await mails.AddAsync(db, actor.StaffId.Value, AccountNews.Passkey, [name], actor.Address, cancellationToken);
        await audit.CommitAsync(
            db, actor, new AuditEntry("staff.passkey_added") { SignedWith = how, After = Named(name) },
            cancellationToken);
    }

    /// <exception cref="InvalidInputException"><c>name</c>.</exception>
    /// <exception cref="NotFoundException"><c>passkey_gone</c>.</exception>
    public async Task RenameAsync(Actor actor, string id, string name, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        name = CheckedName(name);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var passkey = await FindAsync(db, actor, id, cancellationToken);
        var before = passkey.Data.Name;
        if (before != name)
        {
            passkey.Data.Name = name;
            await audit.CommitAsync(
                db, actor, new AuditEntry("staff.passkey_renamed") { Before = Named(before), After = Named(name) },
                cancellationToken);
        }
    }

    /// <summary>
    /// Removes a passkey. <paramref name="proof"/> is for <see cref="RemovalOf"/> (see <see cref="Reauthentication"/>).
    /// </summary>
    /// <exception cref="NotFoundException"><c>passkey_gone</c>.</exception>
    /// <exception cref="RuleException">
    /// <c>second_factor_demanded</c>: it is the only second factor of a person who must have one.
    /// </exception>
    public async Task RemoveAsync(Actor actor, string id, string? proof, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        await reauthentication.DemandAsync(actor, RemovalOf(actor.StaffId!.Value, id), proof, cancellationToken);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await LockAsync(db, actor, cancellationToken);
        var passkey = await FindAsync(db, actor, id, cancellationToken);
        var last = await db.UserPasskeys.CountAsync(p => p.UserId == actor.StaffId, cancellationToken) == 1;
        if (last && policy.IsDemandedOf(actor.Roles)
            && !await db.Users.AnyAsync(s => s.Id == actor.StaffId && s.TwoFactorEnabled, cancellationToken))
        {
            throw new RuleException("second_factor_demanded");
        }

        db.UserPasskeys.Remove(passkey);
        await audit.CommitAsync(
            db, actor, new AuditEntry("staff.passkey_removed") { Before = Named(passkey.Data.Name) },
            cancellationToken);
    }

    private static async Task<IdentityUserPasskey<Guid>> FindAsync(
        MasterContext db, Actor actor, string id, CancellationToken cancellationToken)
    {
        var bytes = Base64Url.IsValid(id) ? Base64Url.DecodeFromChars(id) : [];
        return await db.UserPasskeys.AsTracking()
            .SingleOrDefaultAsync(p => p.UserId == actor.StaffId && p.CredentialId == bytes, cancellationToken)
            ?? throw new NotFoundException("passkey_gone");
    }

    // Two changes of one person's passkeys run one after the other, so that the second sees the first.
    private static Task<int> LockAsync(MasterContext db, Actor actor, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"SELECT 1 FROM portal.staff WHERE id = {actor.StaffId} FOR UPDATE", cancellationToken);

    private static async Task DemandRoomAsync(MasterContext db, Actor actor, CancellationToken cancellationToken)
    {
        if (await db.UserPasskeys.CountAsync(p => p.UserId == actor.StaffId, cancellationToken) >= Most)
        {
            throw new RuleException("passkeys_many", Most.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    private static string CheckedName(string? name) => NameProblem(name) is { } problem
        ? throw new InvalidInputException("name", problem) : SafeText.Clean(name)!;

    private static Dictionary<string, object?> Named(string? name) => new() { ["name"] = name };
}
