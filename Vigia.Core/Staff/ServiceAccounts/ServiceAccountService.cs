using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Signatures;

namespace Vigia.Core.Staff.ServiceAccounts;

/// <summary>
/// Makes, changes and ends service accounts and their tokens. A change that gives access is signed. A change that takes
/// access away is not, because it must be quick when a token is in other hands. The answer is read in the transaction
/// of the change, so that nothing that was committed is answered with an error, and no token is lost.
/// </summary>
public sealed class ServiceAccountService(
    IDbContextFactory<MasterContext> contexts, AuditTrail audit, Reauthentication reauthentication,
    ServiceAccountMails mails, TimeProvider time)
{
    /// <summary>The audited action of a new account.</summary>
    public const string Created = "service_account.created";

    /// <summary>The audited actions that change an account. One of them completes each call.</summary>
    public static readonly IReadOnlyList<string> Changes =
    [
        "service_account.changed", "service_account.token_created", "service_account.token_revoked",
        "service_account.ended",
    ];

    /// <summary>
    /// Makes an account with its first token. <paramref name="tokenEndsOn"/> is that token's last day; null for the
    /// account's. <paramref name="proof"/> is for <see cref="ServiceAccountSigned.Create"/> (see
    /// <see cref="Reauthentication"/>).
    /// </summary>
    /// <returns>The token, which can't be read again, and the account.</returns>
    /// <exception cref="InvalidInputException">The fields of <see cref="ServiceAccountRules"/>.</exception>
    /// <exception cref="RuleException">A refusal by <see cref="Reauthentication"/>.</exception>
    public async Task<IssuedServiceToken> CreateAsync(
        Actor actor, ServiceAccountContent wanted, DateOnly? tokenEndsOn, string? proof,
        CancellationToken cancellationToken)
    {
        actor.Demand(Rights.ServiceAccountsManage);
        wanted = wanted.Canonical();
        var now = time.GetUtcNow();
        await using var db = await contexts.OpenAsync(actor, cancellationToken);

        // All checks of the input come first: a wrong field must not use up a confirmation.
        await ServiceAccountRules.DemandAsync(db, wanted, null, tokenEndsOn, now, cancellationToken);
        var how = await reauthentication.DemandAsync(
            actor, ServiceAccountSigned.Create(wanted, tokenEndsOn), proof, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var owners = wanted.OwnerIds.ToList();
        var account = new ServiceAccount
        {
            Name = wanted.Name!, Purpose = wanted.Purpose!, FirstOwnerId = owners[0], SecondOwnerId = owners[1],
            Rights = [.. wanted.Rights], Networks = [.. wanted.Networks],
            TenantIds = wanted.TenantIds is { } ids ? [.. ids] : null, EndsAt = LimaTime.EndOf(wanted.EndsOn!.Value),
            CreatedAt = now,
        };
        var (token, text) = ServiceTokens.New(account, tokenEndsOn ?? wanted.EndsOn.Value, now);
        db.AddRange(account, token);
        await mails.AddAsync(db, account, actor, "mail_service_created", true, cancellationToken);
        var values = wanted.Recorded(account.EndsAt);
        try
        {
            var view = await SaveAsync(db, account.Id, now, cancellationToken);
            await audit.CommitAsync(db, actor, new AuditEntry(Created)
            {
                SignedWith = how, SignatureMeaning = "sign_service_account",
                After = Named(account, [.. values, new("token", token.Prefix), new("expires_at", token.ExpiresAt)]),
            }, cancellationToken);
            return Issued(account, token, text, view);
        }
        catch (DbUpdateException e) when (
            e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            throw new InvalidInputException("name", new Message("service_name_taken"));
        }
    }

    /// <summary>
    /// Changes an account, but not its name. A later last day renews it. Does nothing when nothing would change.
    /// <paramref name="version"/> is that of the <see cref="ServiceAccountView"/> from which the change was made.
    /// <paramref name="proof"/> is for <see cref="ServiceAccountSigned.Change"/> (see <see cref="Reauthentication"/>).
    /// </summary>
    /// <returns>The account as it is then.</returns>
    /// <exception cref="InvalidInputException">The fields of <see cref="ServiceAccountRules"/>.</exception>
    /// <exception cref="RuleException">
    /// <c>service_account_unknown</c>, <c>service_account_ended</c>, <c>service_account_changed_meanwhile</c>; or a
    /// refusal by <see cref="Reauthentication"/>.
    /// </exception>
    public async Task<ServiceAccountView> ChangeAsync(
        Actor actor, Guid id, string version, ServiceAccountContent wanted, string? proof,
        CancellationToken cancellationToken)
    {
        actor.Demand(Rights.ServiceAccountsManage);
        wanted = wanted.Canonical();
        var now = time.GetUtcNow();
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var seen = DemandVersion(DemandOpen(await db.Set<ServiceAccount>().AsNoTracking()
            .SingleOrDefaultAsync(a => a.Id == id, cancellationToken)), version);
        await ServiceAccountRules.DemandAsync(db, wanted, seen, null, now, cancellationToken);
        var how = await reauthentication.DemandAsync(
            actor, ServiceAccountSigned.Change(id, wanted, version), proof, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var account = await LockAsync(db, id, cancellationToken);
        DemandVersion(account, version);
        var before = ServiceAccountContent.Of(account).Recorded(account.EndsAt);
        var after = wanted.Recorded(LimaTime.EndOf(wanted.EndsOn!.Value));
        var changed = after.Keys.Where(key => !Same(before[key], after[key])).ToList();
        if (changed.Count == 0)
        {
            return await SaveAsync(db, id, now, cancellationToken);
        }

        // Former owners get the mail as well. Otherwise they would not notice the change.
        await mails.AddAsync(db, account, actor, "mail_service_changed", true, cancellationToken);
        var owners = wanted.OwnerIds.ToList();
        (account.Purpose, account.FirstOwnerId, account.SecondOwnerId) = (wanted.Purpose!, owners[0], owners[1]);
        (account.Rights, account.Networks) = ([.. wanted.Rights], [.. wanted.Networks]);
        account.TenantIds = wanted.TenantIds is { } ids ? [.. ids] : null;
        account.EndsAt = LimaTime.EndOf(wanted.EndsOn.Value);
        if (changed.Contains("owner_ids"))
        {
            await mails.AddAsync(db, account, actor, "mail_service_owner", false, cancellationToken);
        }

        var view = await SaveAsync(db, id, now, cancellationToken);
        await audit.CommitAsync(db, actor, new AuditEntry("service_account.changed")
        {
            SignedWith = how, SignatureMeaning = "sign_service_account",
            Before = changed.ToDictionary(key => key, key => before[key]),
            After = Named(account, [.. changed.Select(key => KeyValuePair.Create(key, after[key]))]),
        }, cancellationToken);
        return view;
    }

    /// <summary>
    /// Issues another token. Older ones still work, so that the program can be changed over. Revoke them afterwards.
    /// <paramref name="proof"/> is for <see cref="ServiceAccountSigned.Token"/> (see <see cref="Reauthentication"/>).
    /// </summary>
    /// <returns>The token, which can't be read again, and the account.</returns>
    /// <exception cref="InvalidInputException"><c>token_ends_on</c>.</exception>
    /// <exception cref="RuleException">
    /// <c>service_account_unknown</c>, <c>service_account_ended</c>, <c>service_tokens_full</c>; or a refusal by
    /// <see cref="Reauthentication"/>.
    /// </exception>
    public async Task<IssuedServiceToken> IssueAsync(
        Actor actor, Guid id, DateOnly? endsOn, string? proof, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.ServiceAccountsManage);
        var now = time.GetUtcNow();
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var seen = await db.Set<ServiceAccount>().AsNoTracking()
            .SingleOrDefaultAsync(a => a.Id == id, cancellationToken);
        await DemandTokenAsync(seen);
        var how = await reauthentication.DemandAsync(
            actor, ServiceAccountSigned.Token(id, endsOn), proof, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var account = await LockAsync(db, id, cancellationToken);
        await DemandTokenAsync(account);
        var (token, text) = ServiceTokens.New(account, endsOn!.Value, now);
        db.Add(token);
        await mails.AddAsync(db, account, actor, "mail_service_token", true, cancellationToken);
        var view = await SaveAsync(db, id, now, cancellationToken);
        await audit.CommitAsync(db, actor, new AuditEntry("service_account.token_created")
        {
            SignedWith = how, SignatureMeaning = "sign_service_account",
            After = Named(account, [new("token", token.Prefix), new("expires_at", token.ExpiresAt)]),
        }, cancellationToken);
        return Issued(account, token, text, view);

        async Task DemandTokenAsync(ServiceAccount? found)
        {
            ServiceAccountRules.DemandTokenDay(endsOn, DemandOpen(found).EndsAt, now);
            var working = await ServiceTokens.Working(db, id, now).CountAsync(cancellationToken);
            if (working >= ServiceAccountRules.MostTokens)
            {
                throw new RuleException("service_tokens_full", $"{ServiceAccountRules.MostTokens}");
            }
        }
    }

    /// <summary>Revokes a token at once. One that has already ended stays as it is.</summary>
    /// <returns>The account as it is then.</returns>
    /// <exception cref="NotFoundException"><c>service_account_unknown</c>, <c>token_unknown</c>.</exception>
    public async Task<ServiceAccountView> RevokeAsync(
        Actor actor, Guid id, Guid tokenId, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.ServiceAccountsManage);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var account = await LockAsync(db, id, cancellationToken, alsoEnded: true);
        var token = await db.Set<ServiceToken>()
            .SingleOrDefaultAsync(t => t.Id == tokenId && t.AccountId == id, cancellationToken)
            ?? throw new NotFoundException("token_unknown");
        var now = time.GetUtcNow();
        if (token.RevokedAt is not null)
        {
            return await SaveAsync(db, id, now, cancellationToken);
        }

        token.RevokedAt = now;
        await mails.AddAsync(db, account, actor, "mail_service_token_revoked", false, cancellationToken);
        var view = await SaveAsync(db, id, now, cancellationToken);
        await audit.CommitAsync(db, actor, new AuditEntry("service_account.token_revoked")
        {
            After = Named(account, [new("token", token.Prefix)]),
        }, cancellationToken);
        return view;
    }

    /// <summary>Ends an account for good and revokes its tokens. One that has ended stays as it is.</summary>
    /// <returns>The account as it is then.</returns>
    /// <exception cref="NotFoundException"><c>service_account_unknown</c>.</exception>
    public async Task<ServiceAccountView> EndAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.ServiceAccountsManage);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var (account, now) = (await LockAsync(db, id, cancellationToken, alsoEnded: true), time.GetUtcNow());
        if (account.EndedAt is not null)
        {
            return await SaveAsync(db, id, now, cancellationToken);
        }

        account.EndedAt = now;
        var revoked = await ServiceTokens.Working(db, id, now)
            .ExecuteUpdateAsync(set => set.SetProperty(t => t.RevokedAt, now), cancellationToken);
        await mails.AddAsync(db, account, actor, "mail_service_ended", false, cancellationToken);
        var view = await SaveAsync(db, id, now, cancellationToken);
        await audit.CommitAsync(db, actor, new AuditEntry("service_account.ended")
        {
            After = Named(account, [new("tokens_revoked", revoked)]),
        }, cancellationToken);
        return view;
    }

    // The answer for the caller, as the transaction leaves it.
    private static async Task<ServiceAccountView> SaveAsync(
        MasterContext db, Guid id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await db.SaveChangesAsync(cancellationToken);
        return await ServiceAccountDirectory.ReadAsync(db, id, now, cancellationToken);
    }

    private static IssuedServiceToken Issued(
        ServiceAccount account, ServiceToken token, string text, ServiceAccountView view) =>
        new(account.Id, account.Name, text, token.Id, token.ExpiresAt) { Account = view };

    private static async Task<ServiceAccount> LockAsync(
        MasterContext db, Guid id, CancellationToken cancellationToken, bool alsoEnded = false)
    {
        var found = await db.Set<ServiceAccount>()
            .FromSql($"SELECT * FROM portal.service_accounts WHERE id = {id} FOR UPDATE")
            .SingleOrDefaultAsync(cancellationToken);
        return alsoEnded && found is not null ? found : DemandOpen(found);
    }

    private static ServiceAccount DemandOpen(ServiceAccount? found) => found switch
    {
        null => throw new NotFoundException("service_account_unknown"),
        { EndedAt: not null } => throw new RuleException("service_account_ended"),
        _ => found,
    };

    private static ServiceAccountContent DemandVersion(ServiceAccount account, string version)
    {
        var present = ServiceAccountContent.Of(account);
        return present.Version() == version ? present : throw new RuleException("service_account_changed_meanwhile");
    }

    private static Dictionary<string, object?> Named(
        ServiceAccount account, params IReadOnlyList<KeyValuePair<string, object?>> more) =>
        new([new("name", account.Name), new("service_account_id", account.Id), .. more]);

    private static bool Same(object? one, object? other) =>
        one is System.Collections.IEnumerable a and not string
        && other is System.Collections.IEnumerable b and not string
        ? a.Cast<object?>().SequenceEqual(b.Cast<object?>())
        : Equals(one, other);
}
