using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Staff.Signatures;

namespace Vigia.Core.Staff.Tokens;

/// <summary>A personal token to be created.</summary>
/// <param name="Name">The name that the person gives it; the audit trail prints it beside the person's name.</param>
/// <param name="Rights">
/// The rights it is limited to, from <see cref="ApiTokens.Grantable"/>; none that the person does not hold.
/// </param>
/// <param name="EndsOn">
/// The last day in Lima on which it works; at most <see cref="ApiTokens.MostDays"/> days away.
/// </param>
public sealed record NewApiToken(string? Name, IReadOnlyList<string> Rights, DateOnly? EndsOn);

/// <summary>A token that was created; it can't be shown again.</summary>
public sealed record IssuedToken(string Token, Guid Id, DateTimeOffset ExpiresAt);

/// <summary>A token as its owner sees it.</summary>
/// <param name="Name">The name that the person gave it; null for the short-lived token of a sign-in.</param>
/// <param name="Prefix">Its first characters.</param>
/// <param name="Rights">The rights it is limited to; null for all of the person's.</param>
/// <param name="LastUsedAt">To the minute; null for never.</param>
/// <param name="LastUsedAddress">The address of the last use.</param>
/// <param name="RevokedAt">When it was revoked; null if it was not.</param>
public sealed record ApiTokenView(
    Guid Id, string? Name, string Prefix, IReadOnlyList<string>? Rights, DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? LastUsedAt, string? LastUsedAddress, DateTimeOffset? RevokedAt)
{
    public bool WorksAt(DateTimeOffset now) => RevokedAt is null && ExpiresAt > now;
}

/// <summary>A person's own tokens for the HTTP API.</summary>
// More than five dependencies: a token is signed, recorded and told to the person in one transaction.
public sealed class ApiTokens(
    IDbContextFactory<MasterContext> contexts, AuditTrail audit, SecondFactorPolicy policy,
    Reauthentication reauthentication, AccountMails mails, TimeProvider time)
{
    /// <summary>The longest time, in days, that a token can work.</summary>
    public const int MostDays = 365;

    public const int LongestName = 100;

    /// <summary>
    /// The rights that calls of the HTTP API demand, except <see cref="Rights.ServiceAccountsManage"/>: a stolen token
    /// must not make itself another. No right allows a token to see an invitation.
    /// </summary>
    public static readonly IReadOnlyList<string> Grantable =
    [
        Rights.TenantsView, Rights.TenantsExport, Rights.TenantsCreate, Rights.TenantsUpdate, Rights.TenantsRucCorrect,
        Rights.TenantsRename, Rights.TenantsDiagnose, Rights.TenantsConvert, Rights.TenantsProvision,
        Rights.TenantsToggle, Rights.TenantsInvite, Rights.TenantsDeleteSoft, Rights.TenantsDeleteHard,
        Rights.TenantsRestore, Rights.TenantsReclaim, Rights.TenantsAdopt, Rights.TenantsAdoptMany,
        Rights.TenantsSchemaMigrate,
        Rights.TenantsDemoData, Rights.TenantsIsolationProve, Rights.TenantsCredentialRotate,
        Rights.OperationsView, Rights.OperationsControl, Rights.AuditView, Rights.AuditVerify,
    ];

    /// <summary>
    /// Lists the actor's tokens: valid ones first, then ended ones; each newest first. Short-lived tokens are listed
    /// while they work.
    /// </summary>
    public async Task<IReadOnlyList<ApiTokenView>> ListAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        var now = time.GetUtcNow();
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await db.Set<ApiToken>().AsNoTracking().Where(t => t.StaffId == actor.StaffId
            && (t.Name != null || (t.RevokedAt == null && t.ExpiresAt > now)))
            .OrderBy(t => t.RevokedAt == null && t.ExpiresAt > now ? 0 : 1).ThenByDescending(t => t.CreatedAt)
            .Select(t => new ApiTokenView(
                t.Id, t.Name, t.Prefix, t.Rights, t.CreatedAt, t.ExpiresAt, t.LastUsedAt, t.LastUsedAddress,
                t.RevokedAt))
            .ToListAsync(cancellationToken);
    }

    /// <summary>The action that a person signs to create a token: its name, its rights and its last day.</summary>
    public static SignedAction SignatureOf(Guid person, NewApiToken wanted) =>
        SignedAction.Of(SignedAction.TokenCreate, $"{person:N}", new
        {
            Name = SafeText.Clean(wanted.Name) ?? "",
            Rights = wanted.Rights.Distinct().Order(StringComparer.Ordinal),
            wanted.EndsOn,
        });

    /// <summary>
    /// Creates a token. Re-authenticates the person, so that nobody can create a key for a year from an unattended
    /// screen. <paramref name="proof"/> is for <see cref="SignatureOf"/> (see
    /// <see cref="Reauthentication"/>).
    /// </summary>
    /// <returns>The token. It can't be read again.</returns>
    /// <exception cref="InvalidInputException"><c>name</c>, <c>rights</c>, <c>ends_on</c>.</exception>
    /// <exception cref="RuleException">
    /// <c>second_factor_required</c>; or a refusal by <see cref="Reauthentication"/>.
    /// </exception>
    public async Task<IssuedToken> CreateAsync(
        Actor actor, NewApiToken wanted, string? proof, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        var (name, now) = (SafeText.Clean(wanted.Name), time.GetUtcNow());
        await using var db = await contexts.OpenAsync(actor, cancellationToken);

        // All checks of the input come first: a wrong day must not use up a confirmation.
        await DemandAsync(db, actor, wanted, name, now, cancellationToken);
        var how = await reauthentication.DemandAsync(
            actor, SignatureOf(actor.StaffId!.Value, wanted), proof, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);

        // Locks the member's row, so that two tokens with one name can't be created at the same time.
        await db.Database.ExecuteSqlAsync(
            $"SELECT 1 FROM portal.staff WHERE id = {actor.StaffId} FOR UPDATE", cancellationToken);
        await DemandAsync(db, actor, wanted, name, now, cancellationToken);
        var token = ApiTokenText.New(ApiTokenText.Personal);
        var row = new ApiToken
        {
            StaffId = actor.StaffId!.Value,
            Name = name,
            TokenHash = ApiTokenText.Hash(token),
            Prefix = ApiTokenText.Prefix(token),
            Rights = [.. Grantable.Where(wanted.Rights.Contains)],
            CreatedAt = now,
            ExpiresAt = LimaTime.EndOfDayAfter(now, DaysUntil(wanted.EndsOn!.Value, now)),
        };
        db.Set<ApiToken>().Add(row);
        await mails.AddAsync(db, row.StaffId, AccountNews.Token, [name!], actor.Address, cancellationToken);
        await audit.CommitAsync(db, actor, new AuditEntry("staff.token_created")
        {
            SignedWith = how, After = new Dictionary<string, object?>
            { ["name"] = name, ["rights"] = row.Rights, ["expires_at"] = row.ExpiresAt },
        }, cancellationToken);
        return new IssuedToken(token, row.Id, row.ExpiresAt);
    }

    /// <summary>Revokes a token at once; one that has already ended stays as it is.</summary>
    /// <exception cref="NotFoundException"><c>token_unknown</c>: the actor has no such token.</exception>
    public async Task RevokeAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var token = await db.Set<ApiToken>()
            .FromSql($"SELECT * FROM portal.api_tokens WHERE id = {id} AND staff_id = {actor.StaffId} FOR UPDATE")
            .SingleOrDefaultAsync(cancellationToken)
            ?? throw new NotFoundException("token_unknown");
        if (token.RevokedAt is not null)
        {
            return;
        }

        token.RevokedAt = time.GetUtcNow();
        await audit.CommitAsync(
            db, actor, new AuditEntry(
            "staff.token_revoked")
            { After = new Dictionary<string, object?> { ["name"] = token.Name ?? token.Prefix } },
            cancellationToken);
    }

    private async Task DemandAsync(
        MasterContext db, Actor actor, NewApiToken wanted, string? name, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        if (policy.IsDemandedOf(actor.Roles)
            && !await policy.IsHeldIn(db).ContainsAsync(actor.StaffId!.Value, cancellationToken))
        {
            throw new RuleException("second_factor_required");
        }

        var isTaken = SafeText.Problem(name) is null
            && await db.Set<ApiToken>()
            .AnyAsync(t => t.StaffId == actor.StaffId && t.Name == name && t.RevokedAt == null && t.ExpiresAt > now,
            cancellationToken);
        Demand(actor, wanted, name, isTaken, now);
    }

    private static void Demand(Actor actor, NewApiToken wanted, string? name, bool isTaken, DateTimeOffset now)
    {
        var errors = new Dictionary<string, IReadOnlyList<Message>>();
        if ((name is null ? new Message("token_name_required") : SafeText.Problem(name, LongestName)
            ?? (isTaken ? new Message("token_name_taken") : null)) is { } wrongName)
        {
            errors["name"] = [wrongName];
        }

        if (wanted.Rights.Count == 0)
        {
            errors["rights"] = [new Message("token_rights_required")];
        }
        else if (wanted.Rights.FirstOrDefault(right => !Grantable.Contains(right) || !actor.May(right)) is { } wider)
        {
            errors["rights"] = [new Message("token_rights_wider", wider)];
        }

        if (wanted.EndsOn is null || DaysUntil(wanted.EndsOn.Value, now) is < 0 or > MostDays)
        {
            errors["ends_on"] = [new Message("token_end_out_of_range", $"{MostDays}")];
        }

        if (errors.Count > 0)
        {
            throw new InvalidInputException(errors);
        }
    }

    private static int DaysUntil(DateOnly day, DateTimeOffset now) =>
        day.DayNumber - DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, LimaTime.Zone).DateTime).DayNumber;
}
