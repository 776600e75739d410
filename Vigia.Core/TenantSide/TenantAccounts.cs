using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Tenancy;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.TenantSide;

/// <summary>Reads the users of a tenant for the sign-in and for their calls.</summary>
internal static class TenantAccounts
{
    /// <summary>
    /// Finds a user by e-mail or user name, in upper or lower case (docs/rules.md#tenant-sign-in). If one user's name
    /// is another's address, the address counts.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="key">The typed name, as <see cref="TenantTries.KeyOf"/> returns it.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<StoredUser?> FindAsync(
        TenantSession session, string key, CancellationToken cancellationToken)
    {
        // An address may have been stored with the other form of its domain.
        var forms = EmailAddress.Forms(key);
        return (await session.Context.Database.SqlQuery<StoredUser>($"""
            SELECT id AS "Id", username AS "Username", email AS "Email", hashed_password AS "HashedPassword",
                coalesce(is_active, false) AS "IsActive",
                array_remove(coalesce(roles, ARRAY[]::text[])::text[], NULL) AS "Roles", empleado_id AS "EmpleadoId",
                custom_permissions::text AS "CustomPermissions"
            FROM public.users WHERE lower(email) = ANY ({forms}) OR lower(username) = {key}
            ORDER BY lower(email) = {key} DESC, lower(email) = ANY ({forms}) DESC, id LIMIT 1
            """).ToListAsync(cancellationToken)).FirstOrDefault();
    }

    /// <summary>Whether a user has this address, in whatever form of its domain.</summary>
    public static async Task<bool> IsTakenAsync(
        TenantContext db, string email, CancellationToken cancellationToken)
    {
        var forms = EmailAddress.Forms(email);
        return await db.Database.SqlQuery<bool>(
            $"SELECT EXISTS (SELECT FROM public.users WHERE lower(email) = ANY ({forms})) AS \"Value\"")
            .SingleAsync(cancellationToken);
    }

    /// <summary>
    /// Reads a user with the permissions of this moment. Null when the user does not exist any more, is blocked, or has
    /// no role.
    /// </summary>
    public static async Task<TenantAccount?> ReadAsync(
        TenantSession session, int id, CancellationToken cancellationToken)
    {
        if (session.Tenant.IsLegacy)
        {
            return await LegacyAccounts.ReadAsync(session.Context, id, cancellationToken);
        }

        var db = session.Context;
        var found = await db.Users.AsNoTracking().Where(u => u.Id == id)
            .Select(u => new
            {
                User = u,
                Given = db.Roles.Where(r => u.Roles.Contains(r.Name)).Select(r => r.Permissions).ToList(),
                Employee = db.Set<Employee>().Where(e => e.Id == u.EmpleadoId)
                    .Select(e => e.Nombres + " " + e.Apellidos).FirstOrDefault(),
            }).SingleOrDefaultAsync(cancellationToken);
        return found is not { User: { IsActive: true, Roles.Count: > 0 } user } ? null
            : TenantAccount.Of(user) with
            {
                FullName = found.Employee,
                Permissions = TenantPermissions.Merge(found.Given.SelectMany(p => p), user.CustomPermissions),
            };
    }

    /// <summary>
    /// Finds the administrator for whom an invitation is: the one of the address on file, else the first. Null when
    /// there is none, and when the tenant blocked that account after an invitation was accepted for it: a link must not
    /// open it again.
    /// </summary>
    public static async Task<TenantUser?> FindInvitedAsync(
        TenantContext db, string address, CancellationToken cancellationToken)
    {
        var forms = EmailAddress.Forms(address);
        return (await db.Users.FromSql($"""
            SELECT * FROM (
                SELECT * FROM public.users WHERE 'admin' = ANY (roles)
                ORDER BY lower(email) = ANY ({forms}) DESC, id LIMIT 1) chosen
            WHERE chosen.is_active OR NOT EXISTS (
                SELECT FROM public.audit_log WHERE entity = 'users' AND entity_id = chosen.id::text
                    AND action = {InvitationAcceptance.LogAction})
            """).AsNoTracking().ToListAsync(cancellationToken)).FirstOrDefault();
    }
}

/// <summary>
/// The columns of a user that the sign-in needs. No others are read, and their types may differ a little: the table of
/// an installation with a single tenant is the product's own.
/// </summary>
internal sealed record StoredUser(
    int Id, string? Username, string Email, string? HashedPassword, bool IsActive, string[] Roles, int? EmpleadoId,
    string? CustomPermissions);
