using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.TenantSide;

/// <summary>
/// Reads and adds users of the only tenant of an installation (docs/rules.md#single-tenant). Its database may have the
/// product's tables or ours, so it uses no more of them than it needs: no employees, and no permissions of roles.
/// </summary>
internal static class LegacyAccounts
{
    /// <inheritdoc cref="TenantAccounts.ReadAsync"/>
    public static async Task<TenantAccount?> ReadAsync(TenantContext db, int id, CancellationToken cancellationToken)
    {
        var found = await db.Database.SqlQuery<StoredUser>($"""
            SELECT id AS "Id", username AS "Username", email AS "Email", NULL::text AS "HashedPassword",
                coalesce(is_active, false) AS "IsActive",
                array_remove(coalesce(roles, ARRAY[]::text[])::text[], NULL) AS "Roles", empleado_id AS "EmpleadoId",
                custom_permissions::text AS "CustomPermissions"
            FROM public.users WHERE id = {id}
            """).ToListAsync(cancellationToken);
        if (found is not [{ IsActive: true, Roles.Length: > 0 } user])
        {
            return null;
        }

        var given = await RolesAsync(db, cancellationToken);
        return TenantAccount.Of(user) with
        {
            FullName = await EmployeeAsync(db, user.EmpleadoId, cancellationToken),
            Permissions = TenantPermissions.Merge(
                user.Roles.SelectMany(role => given.GetValueOrDefault(role, [])), user.CustomPermissions),
        };
    }

    /// <summary>
    /// The roles with their permissions. The product has these in its program. So where the table has none, the matrix
    /// of docs/rules.md#role-matrix applies.
    /// </summary>
    public static async Task<Dictionary<string, string[]>> RolesAsync(
        TenantContext db, CancellationToken cancellationToken) =>
        await db.Database.SqlQuery<bool>($"""
            SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('public.roles')
                AND attname = 'permissions' AND NOT attisdropped) AS "Value"
            """).SingleAsync(cancellationToken)
            ? await db.Roles.AsNoTracking().ToDictionaryAsync(r => r.Name, r => r.Permissions, cancellationToken)
            : (await db.Database.SqlQuery<string>($"""SELECT name::text AS "Value" FROM public.roles""")
                .ToListAsync(cancellationToken)).ToDictionary(
                    name => name, name => TenantRoles.All.FirstOrDefault(r => r.Name == name)?.Permissions ?? []);

    /// <summary>Adds a user in the open transaction.</summary>
    /// <returns>Its id, and when it was made.</returns>
    /// <exception cref="RuleException"><c>user_email_taken</c>, <c>user_username_taken</c>.</exception>
    public static async Task<AddedUser> AddAsync(
        TenantContext db, TenantUser user, CancellationToken cancellationToken)
    {
        try
        {
            // The product's timestamp columns have no default.
            return (await db.Database.SqlQuery<AddedUser>($"""
                INSERT INTO public.users (
                    username, email, hashed_password, is_active, roles, empleado_id, created_at, updated_at)
                VALUES ({user.Username}, {user.Email}, {user.HashedPassword}, true, {user.Roles.ToArray()},
                    {user.EmpleadoId}, now(), now())
                RETURNING id AS "Id", created_at AS "CreatedAt"
                """).ToListAsync(cancellationToken)).Single();
        }
        catch (PostgresException e) when (
            e.SqlState == PostgresErrorCodes.UniqueViolation && TakenBy(e.ConstraintName ?? "") is { } taken)
        {
            throw new RuleException(taken);
        }
    }

    // The product's index may have another name than ours.
    private static string? TakenBy(string index) =>
        index.Contains("email", StringComparison.Ordinal) ? "user_email_taken"
        : index.Contains("username", StringComparison.Ordinal) ? "user_username_taken" : null;

    private static async Task<string?> EmployeeAsync(TenantContext db, int? id, CancellationToken cancellationToken)
    {
        if (id is null || !await db.Database.SqlQuery<bool>(
            $"""SELECT to_regclass('public.empleados') IS NOT NULL AS "Value" """).SingleAsync(cancellationToken))
        {
            return null;
        }

        return await db.Set<Employee>().Where(e => e.Id == id).Select(e => e.Nombres + " " + e.Apellidos)
            .FirstOrDefaultAsync(cancellationToken);
    }
}

/// <summary>A user that was added.</summary>
internal sealed record AddedUser(int Id, DateTimeOffset CreatedAt);
