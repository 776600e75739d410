using Microsoft.EntityFrameworkCore;
using Vigia.Core.Tenancy;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.TenantSide;

/// <summary>Reads the users of a tenant for the sign-in and for their calls.</summary>
internal static class TenantAccounts
{
    /// <summary>
    /// Finds a user by e-mail or user name, whatever the case (docs/rules.md#tenant-sign-in). If one user's name is
    /// another's address, the address counts.
    /// </summary>
    public static async Task<TenantUser?> FindAsync(
        TenantSession session, string name, CancellationToken cancellationToken) =>
        (await session.Context.Users.FromSql($"""
            SELECT * FROM public.users WHERE lower(email) = lower({name}) OR lower(username) = lower({name})
            ORDER BY lower(email) = lower({name}) DESC, id LIMIT 1
            """).AsNoTracking().ToListAsync(cancellationToken)).FirstOrDefault();

    /// <summary>
    /// Reads a user with the permissions of this moment. Null when the user does not exist any more, is blocked, or has
    /// no role.
    /// </summary>
    public static async Task<TenantAccount?> ReadAsync(
        TenantSession session, int id, CancellationToken cancellationToken)
    {
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
    /// The first administrator, for whom invitations are: an active one, that of the address on file if there is one.
    /// </summary>
    public static IQueryable<TenantUser> FirstAdministrator(TenantContext db, string address) => db.Users.FromSql($"""
        SELECT * FROM public.users WHERE 'admin' = ANY (roles)
        ORDER BY is_active DESC, lower(email) = lower({address}) DESC, id LIMIT 1
        """);
}
