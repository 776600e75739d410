using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Audit;
using Vigia.Core.Master;

namespace Vigia.Core.Staff;

/// <summary>
/// The first administrator of a portal that has no staff. The set-up link needs no row: it is a sealed statement that expires, any instance
/// can read it (the keys are in the master), and it is worth nothing as soon as one member of staff exists.
/// </summary>
public sealed class FirstAdministrator(IServiceScopeFactory scopes, IDataProtectionProvider protection, AuditTrail audit, TimeProvider time)
{
    /// <summary>How long a set-up link works.</summary>
    public static readonly TimeSpan LinkLifetime = TimeSpan.FromHours(24);

    // One key for all instances of one master: two of them starting at once must not make two first administrators.
    private const long Gate = 0x5649474941_0001;
    private const string Statement = "first-administrator";
    private readonly ITimeLimitedDataProtector _protector = protection.CreateProtector("Vigia.Staff.FirstAdministrator").ToTimeLimitedDataProtector();

    /// <summary>Whether there is no staff yet.</summary>
    public async Task<bool> IsMissingAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        return !await scope.ServiceProvider.GetRequiredService<MasterContext>().Users.AnyAsync(cancellationToken);
    }

    /// <summary>A token for the set-up page; for the console of whoever starts the portal, never for a log that is kept.</summary>
    public string IssueToken() => _protector.Protect(Statement, time.GetUtcNow() + LinkLifetime);

    /// <summary>Whether the token is ours and still good; whether it is still needed is asked separately.</summary>
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
            // Not ours, changed, or expired: all the same to whoever holds it.
            return false;
        }
    }

    /// <summary>Creates the first administrator, unless there is staff already.</summary>
    /// <param name="email">Their address, which they sign in with.</param>
    /// <param name="fullName">As the audit trail prints it; the address when null.</param>
    /// <param name="password">Their password.</param>
    /// <param name="address">Where the request came from; null at start.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null when there is staff already; else what Identity says (it refuses a password that is too short).</returns>
    public async Task<IdentityResult?> CreateAsync(string email, string? fullName, string password, string? address, CancellationToken cancellationToken)
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
        var member = new StaffMember { Email = email, UserName = email, EmailConfirmed = true, FullName = fullName ?? email, CreatedAt = time.GetUtcNow() };
        var result = await members.CreateAsync(member, password);
        if (!result.Succeeded)
        {
            return result;
        }

        await members.AddToRoleAsync(member, StaffRoles.Administrator);
        var actor = new Actor(member.Id, member.FullName, address, [StaffRoles.Administrator]);
        await audit.CommitAsync(db, actor, new AuditEntry("staff.first_administrator_created") { After = new Dictionary<string, object?> { ["email"] = email } }, cancellationToken);
        return result;
    }

    private static async Task AddMissingRolesAsync(MasterContext db, CancellationToken cancellationToken)
    {
        var there = await db.Roles.Select(role => role.Name).ToListAsync(cancellationToken);
        foreach (var name in StaffRoles.All.Except(there))
        {
            db.Roles.Add(new IdentityRole<Guid>(name!) { Id = Guid.CreateVersion7(), NormalizedName = name!.ToUpperInvariant() });
        }

        await db.SaveChangesAsync(cancellationToken);
    }
}
