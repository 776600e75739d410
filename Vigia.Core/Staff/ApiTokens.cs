using Microsoft.EntityFrameworkCore;
using Vigia.Core.Audit;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Text;

namespace Vigia.Core.Staff;

/// <summary>A personal token to be made.</summary>
/// <param name="Name">What the person calls it; the audit trail prints it beside their name.</param>
/// <param name="Rights">The only rights it gives, of <see cref="ApiTokens.Grantable"/>; no wider than the person's.</param>
/// <param name="EndsOn">The last day in Lima on which it works; at most <see cref="ApiTokens.MostDays"/> days away.</param>
public sealed record NewApiToken(string? Name, IReadOnlyList<string> Rights, DateOnly? EndsOn);

/// <summary>A token that was made; it can't be shown again.</summary>
public sealed record IssuedToken(string Token, Guid Id, DateTimeOffset ExpiresAt);

/// <summary>A personal token as its owner sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What the person calls it.</param>
/// <param name="Prefix">Its first characters.</param>
/// <param name="Rights">The rights it was made for.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When it ends.</param>
/// <param name="LastUsedAt">To the minute; null for never.</param>
/// <param name="LastUsedAddress">From where.</param>
/// <param name="RevokedAt">When it was revoked; null while it is not.</param>
public sealed record ApiTokenView(
    Guid Id, string Name, string Prefix, IReadOnlyList<string> Rights, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt,
    DateTimeOffset? LastUsedAt, string? LastUsedAddress, DateTimeOffset? RevokedAt)
{
    public bool WorksAt(DateTimeOffset now) => RevokedAt is null && ExpiresAt > now;
}

/// <summary>One's own personal tokens for the HTTP API.</summary>
public sealed class ApiTokens(
    IDbContextFactory<MasterContext> contexts, AuditTrail audit, SecondFactorPolicy policy, Reauthentication reauthentication, TimeProvider time)
{
    /// <summary>How long a token works at most.</summary>
    public const int MostDays = 365;

    /// <summary>The longest name.</summary>
    public const int LongestName = 100;

    /// <summary>The rights that a call of the HTTP API asks for; a token for any other would open nothing.</summary>
    public static readonly IReadOnlyList<string> Grantable =
    [
        Staff.Rights.TenantsView, Staff.Rights.TenantsExport, Staff.Rights.TenantsCreate, Staff.Rights.TenantsUpdate, Staff.Rights.TenantsRucCorrect, Staff.Rights.TenantsProvision,
        Staff.Rights.TenantsToggle, Staff.Rights.TenantsInvite, Staff.Rights.TenantsInvitationReveal, Staff.Rights.TenantsDeleteSoft, Staff.Rights.TenantsDeleteHard,
        Staff.Rights.TenantsRestore, Staff.Rights.TenantsSchemaMigrate, Staff.Rights.TenantsDemoData, Staff.Rights.TenantsIsolationProve, Staff.Rights.TenantsCredentialRotate,
        Staff.Rights.OperationsView, Staff.Rights.OperationsControl, Staff.Rights.AuditView, Staff.Rights.AuditVerify,
    ];

    /// <summary>The actor's own tokens: those that work first, then the ended ones; newest first.</summary>
    public async Task<IReadOnlyList<ApiTokenView>> ListAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Staff.Rights.AccountOwn);
        var now = time.GetUtcNow();
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await db.ApiTokens.AsNoTracking().Where(t => t.StaffId == actor.StaffId && t.Name != null)
            .OrderBy(t => t.RevokedAt == null && t.ExpiresAt > now ? 0 : 1).ThenByDescending(t => t.CreatedAt)
            .Select(t => new ApiTokenView(t.Id, t.Name!, t.Prefix, t.Rights!, t.CreatedAt, t.ExpiresAt, t.LastUsedAt, t.LastUsedAddress, t.RevokedAt))
            .ToListAsync(cancellationToken);
    }

    /// <summary>Makes a token. Asks again who it is: an unwatched screen must not become a key that works for a year.</summary>
    /// <param name="actor">Whose it will be.</param>
    /// <param name="wanted">What is wanted.</param>
    /// <param name="proof">See <see cref="Reauthentication"/>, for <see cref="SignedAction.TokenCreate"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The token: the only time that it is known.</returns>
    /// <exception cref="InvalidInputException"><c>name</c>, <c>rights</c>, <c>ends_on</c>.</exception>
    /// <exception cref="RuleException"><c>second_factor_required</c>; <c>password_wrong</c> and its like.</exception>
    public async Task<IssuedToken> CreateAsync(Actor actor, NewApiToken wanted, string? proof, CancellationToken cancellationToken)
    {
        actor.Demand(Staff.Rights.AccountOwn);
        var (name, now) = (SafeText.Clean(wanted.Name), time.GetUtcNow());
        await using var db = await contexts.OpenAsync(actor, cancellationToken);

        // First what can be mended: a wrong day must not use up a confirmation.
        await DemandAsync(db, actor, wanted, name, now, cancellationToken);
        var how = await reauthentication.DemandAsync(actor, SignedAction.Own(SignedAction.TokenCreate, actor), proof, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);

        // The member's row is the gate: two tokens of one name can't be made at the same instant.
        await db.Database.ExecuteSqlAsync($"SELECT 1 FROM portal.staff WHERE id = {actor.StaffId} FOR UPDATE", cancellationToken);
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
            ExpiresAt = LimaCalendar.EndOfDayAfter(now, DaysUntil(wanted.EndsOn!.Value, now)),
        };
        db.ApiTokens.Add(row);
        await audit.CommitAsync(db, actor, new AuditEntry("staff.token_created")
        {
            SignedWith = how, After = new Dictionary<string, object?> { ["name"] = name, ["rights"] = row.Rights, ["expires_at"] = row.ExpiresAt },
        }, cancellationToken);
        return new IssuedToken(token, row.Id, row.ExpiresAt);
    }

    /// <summary>Ends a token at once; one that has ended stays as it is.</summary>
    /// <exception cref="NotFoundException"><c>token_unknown</c>: none of the actor's.</exception>
    public async Task RevokeAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        actor.Demand(Staff.Rights.AccountOwn);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var token = await db.ApiTokens.FromSql($"SELECT * FROM portal.api_tokens WHERE id = {id} AND staff_id = {actor.StaffId} AND name IS NOT NULL FOR UPDATE").SingleOrDefaultAsync(cancellationToken)
            ?? throw new NotFoundException("token_unknown");
        if (token.RevokedAt is not null)
        {
            return;
        }

        token.RevokedAt = time.GetUtcNow();
        await audit.CommitAsync(db, actor, new AuditEntry("staff.token_revoked") { After = new Dictionary<string, object?> { ["name"] = token.Name } }, cancellationToken);
    }

    private async Task DemandAsync(MasterContext db, Actor actor, NewApiToken wanted, string? name, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (policy.IsDemandedOf(actor.Roles) && !await policy.IsHeldIn(db).ContainsAsync(actor.StaffId!.Value, cancellationToken))
        {
            throw new RuleException("second_factor_required");
        }

        var isTaken = SafeText.Problem(name) is null && await db.ApiTokens.AnyAsync(t => t.StaffId == actor.StaffId && t.Name == name && t.RevokedAt == null && t.ExpiresAt > now, cancellationToken);
        Demand(actor, wanted, name, isTaken, now);
    }

    private static void Demand(Actor actor, NewApiToken wanted, string? name, bool isTaken, DateTimeOffset now)
    {
        var errors = new Dictionary<string, IReadOnlyList<Message>>();
        if ((name is null ? new Message("token_name_required") : SafeText.Problem(name, LongestName) ?? (isTaken ? new Message("token_name_taken") : null)) is { } wrongName)
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

    private static int DaysUntil(DateOnly day, DateTimeOffset now) => day.DayNumber - DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, LimaCalendar.Zone).DateTime).DayNumber;
}
