using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.SignIn;

/// <summary>
/// Creates members of staff. Scoped: Identity's managers hold a context, so take a scope for each call.
/// </summary>
public sealed class StaffAccounts(
    UserManager<StaffMember> staff, RoleManager<IdentityRole<Guid>> roles, TimeProvider time)
{
    /// <summary>Creates the roles that are missing.</summary>
    public async Task EnsureRolesAsync(CancellationToken cancellationToken)
    {
        foreach (var role in StaffRoles.All)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!await roles.RoleExistsAsync(role))
            {
                try
                {
                    await roles.CreateAsync(new IdentityRole<Guid>(role) { Id = Guid.CreateVersion7() });
                }
                catch (DbUpdateException e) when (
                    e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
                {
                    // Another instance that is starting at the same moment created it.
                    continue;
                }
            }
        }
    }

    /// <exception cref="InvalidInputException">The address or the password is refused.</exception>
    public async Task<StaffMember> CreateAsync(
        string fullName, string email, string password, string role, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var member = new StaffMember
        {
            FullName = fullName, UserName = email, Email = email, EmailConfirmed = true,
            LockoutEnabled = true, CreatedAt = time.GetUtcNow()
        };
        Demand(await staff.CreateAsync(member, password));
        Demand(await staff.AddToRoleAsync(member, role));
        return member;
    }

    private static void Demand(IdentityResult result)
    {
        if (!result.Succeeded)
        {
            var error = result.Errors.First();
            var field = error.Code.StartsWith("Password", StringComparison.Ordinal) ? "password" : "email";
            throw new InvalidInputException(
                field, new Message("staff_" + error.Code.ToLowerInvariant(), error.Description));
        }
    }
}
