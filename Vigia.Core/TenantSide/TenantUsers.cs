using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Text;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.TenantSide;

/// <summary>A new user of a tenant.</summary>
public sealed record NewTenantUser
{
    public string? Username { get; init; }
    public string? Email { get; init; }
    public string? Password { get; init; }
    public IReadOnlyList<string?>? Roles { get; init; }
    public int? EmployeeId { get; init; }
}

/// <summary>A user of a tenant as lists show it.</summary>
public sealed record TenantUserRow(
    int Id, string? Username, string Email, bool IsActive, IReadOnlyList<string> Roles, int? EmployeeId,
    DateTimeOffset CreatedAt);

/// <summary>The users of a tenant, for its own administrators.</summary>
public sealed class TenantUsers(TenantUserSessions sessions, TenantPasswords passwords)
{
    public const string ListPermission = "usuarios:list";
    public const string CreatePermission = "usuarios:create";

    private static readonly Dictionary<string, string> Taken = new()
    {
        ["users_email_key"] = "user_email_taken",
        ["users_username_key"] = "user_username_taken",
    };

    /// <summary>Lists users by id.</summary>
    /// <exception cref="ForbiddenException">The caller lacks the permission.</exception>
    public async Task<TenantList<TenantUserRow>> ListAsync(
        TenantCaller caller, int page, int pageSize, CancellationToken cancellationToken)
    {
        await using var session = await sessions.OpenAsync(caller, ListPermission, cancellationToken);
        return await TenantList<TenantUserRow>.ReadAsync(
            session.Db.Users.AsNoTracking().OrderBy(u => u.Id).Select(u => new TenantUserRow(
                u.Id, u.Username, u.Email, u.IsActive, u.Roles, u.EmpleadoId, u.CreatedAt)),
            page, pageSize, cancellationToken);
    }

    /// <summary>Adds an active user.</summary>
    /// <exception cref="ForbiddenException">The caller lacks the permission.</exception>
    /// <exception cref="InvalidInputException">Errors by field.</exception>
    /// <exception cref="RuleException">
    /// <c>user_email_taken</c>, <c>user_username_taken</c>, <c>role_beyond_own</c>.
    /// </exception>
    public async Task<TenantUserRow> CreateAsync(
        TenantCaller caller, NewTenantUser wanted, CancellationToken cancellationToken)
    {
        var (email, username) = await CheckAsync(caller, wanted, cancellationToken);

        // The hash takes longer than everything else, so no session is held meanwhile.
        var hash = await passwords.HashAsync(wanted.Password!, cancellationToken);
        var user = new TenantUser
        {
            Username = username, Email = email, HashedPassword = hash,
            Roles = [.. wanted.Roles!.OfType<string>().Distinct()], EmpleadoId = wanted.EmployeeId,
        };
        await using var session = await sessions.OpenToChangeAsync(caller, CreatePermission, cancellationToken);

        // The roles, and what the caller may do, may have changed during the hash.
        var errors = new FieldErrors();
        await DemandRolesAsync(session, user.Roles, errors, cancellationToken);
        errors.Demand();
        if (await TenantAccounts.IsTakenAsync(session.Db, email, cancellationToken))
        {
            throw new RuleException("user_email_taken");
        }

        if (session.IsLegacy)
        {
            var added = await session.AddLegacyUserAsync(user, cancellationToken);
            return new TenantUserRow(
                added.Id, user.Username, user.Email, IsActive: true, user.Roles, user.EmpleadoId, added.CreatedAt);
        }

        await session.AddAsync(user, Taken, cancellationToken);
        return new TenantUserRow(
            user.Id, user.Username, user.Email, user.IsActive, user.Roles, user.EmpleadoId, user.CreatedAt);
    }

    private async Task<(string Email, string? Username)> CheckAsync(
        TenantCaller caller, NewTenantUser wanted, CancellationToken cancellationToken)
    {
        await using var session = await sessions.OpenToChangeAsync(caller, CreatePermission, cancellationToken);
        var errors = new FieldErrors();
        var (email, username) = (errors.Text("email", wanted.Email, 255, isRequired: true),
            errors.Text("username", wanted.Username, 64));
        errors.Add("email", email is null ? null : EmailAddress.Problem(email));

        // A user name that looks like an address could be another user's address, and a sign-in would open the wrong
        // account.
        errors.Add("username", username?.Contains('@', StringComparison.Ordinal) == true
            ? new Message("username_form") : null);
        errors.Add("password", string.IsNullOrEmpty(wanted.Password) ? new Message("field_required")
            : TenantPasswords.Problem(wanted.Password));
        await DemandRolesAsync(session, wanted.Roles ?? [], errors, cancellationToken);
        if (wanted.EmployeeId is { } employee
            && !await session.Db.Set<Employee>().AnyAsync(e => e.Id == employee, cancellationToken))
        {
            errors.Add("empleado_id", new Message("reference_unknown"));
        }

        errors.Demand();
        return (EmailAddress.ToStored(email!), username);
    }

    // Users can grant only permissions that they hold. Otherwise a user who may add users could add an administrator.
    private static async Task DemandRolesAsync(
        TenantUserSession session, IReadOnlyList<string?> roles, FieldErrors errors,
        CancellationToken cancellationToken)
    {
        var known = session.IsLegacy ? await LegacyAccounts.RolesAsync(session.Db, cancellationToken)
            : await session.Db.Roles.AsNoTracking().ToDictionaryAsync(
            r => r.Name, r => r.Permissions, cancellationToken);
        errors.Add("roles", roles.Count == 0 ? new Message("field_required")
            : roles.All(role => role is not null && known.ContainsKey(role)) ? null
            : new Message("parameter_choice", string.Join(", ", known.Keys.Order(StringComparer.Ordinal))));
        if (roles.Any(role => role is not null && known.TryGetValue(role, out var given)
            && !session.Account.Permissions.Include(given)))
        {
            throw new RuleException("role_beyond_own");
        }
    }
}
