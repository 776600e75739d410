using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.SignIn;

/// <summary>
/// The first administrator of a portal that has no staff. The set-up link is a protected, expiring token, so it needs
/// no row. Every instance can read it, because the keys are in the master. It stops working when one member of staff
/// exists.
/// </summary>
public sealed class FirstAdministrator(
    IServiceScopeFactory scopes, IDataProtectionProvider protection, AuditTrail audit, TimeProvider time)
{
    /// <summary>How long a set-up link works.</summary>
    public static readonly TimeSpan LinkLifetime = TimeSpan.FromHours(24);

    // The same lock for all instances of one master: two that start at once must not create two first administrators.
    private const long Gate = 0x5649474941_0001;
    private const string Statement = "first-administrator";
    private readonly ITimeLimitedDataProtector _protector = protection.CreateProtector("FirstAdministrator")
        .ToTimeLimitedDataProtector();

    /// <summary>Whether there is no member of staff yet.</summary>
    public async Task<bool> IsMissingAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        return !await scope.ServiceProvider.GetRequiredService<MasterContext>().Users.AnyAsync(cancellationToken);
    }

    /// <summary>
    /// Issues a token for the set-up page. Print it only on the console where the portal is started, never in a log
    /// that is kept.
    /// </summary>
    public string IssueToken() => _protector.Protect(Statement, time.GetUtcNow() + LinkLifetime);

    /// <summary>
    /// Whether this portal issued the token and it has not expired. <see cref="IsMissingAsync"/> says whether it is
    /// still needed.
    /// </summary>
    public bool Accepts(string? token)
    {
        if (string.IsNullOrEmpty(token))
        {
            return false;
        }

        try
        {
            return _protector.Unprotect(token) == Statement;
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            // Another issuer's, changed, or expired: the caller is not told which.
            return false;
        }
    }

    /// <summary>
    /// Creates the first administrator, unless there is staff already. <paramref name="address"/> is where the request
    /// came from; null at start.
    /// </summary>
    /// <returns>
    /// Null when there is staff already; otherwise Identity's result, which refuses a password that is too short.
    /// </returns>
    public async Task<IdentityResult?> CreateAsync(
        string email, string? fullName, string password, string? address, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<MasterContext>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({Gate})", cancellationToken);
        if (await db.Users.AnyAsync(cancellationToken))
        {
            return null;
        }

        await AddMissingRolesAsync(db, cancellationToken);
        var members = scope.ServiceProvider.GetRequiredService<UserManager<StaffMember>>();
        var member = new StaffMember
        {
            Email = email, UserName = email, EmailConfirmed = true,
            FullName = fullName ?? email, CreatedAt = time.GetUtcNow()
        };
        var result = await members.CreateAsync(member, password);
        if (!result.Succeeded)
        {
            return result;
        }

        await members.AddToRoleAsync(member, StaffRoles.Administrator);
        var actor = new Actor(member.Id, member.FullName, address, [StaffRoles.Administrator]);
        await audit.CommitAsync(
            db, actor, new AuditEntry(
            "staff.first_administrator_created")
            { After = new Dictionary<string, object?> { ["email"] = email } },
            cancellationToken);
        return result;
    }

    private static async Task AddMissingRolesAsync(MasterContext db, CancellationToken cancellationToken)
    {
        var there = await db.Roles.Select(role => role.Name).ToListAsync(cancellationToken);
        foreach (var name in StaffRoles.All.Except(there))
        {
            db.Roles.Add(new IdentityRole<Guid>(
                name!)
            { Id = Guid.CreateVersion7(), NormalizedName = name!.ToUpperInvariant() });
        }

        await db.SaveChangesAsync(cancellationToken);
    }
}
