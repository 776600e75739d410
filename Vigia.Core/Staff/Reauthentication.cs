using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Errors;

namespace Vigia.Core.Staff;

/// <summary>Asks for the acting person's password again before something destructive (invariant 7; 21 CFR 11.200(a)).</summary>
/// <remarks>Identity's managers hold a context and a circuit lives for hours, so every call has a scope of its own.</remarks>
public sealed class Reauthentication(IServiceScopeFactory scopes)
{
    /// <exception cref="RuleException"><c>password_wrong</c>; <c>locked_out</c> after too many tries.</exception>
    public async Task DemandPasswordAsync(Actor actor, string? password, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await using var scope = scopes.CreateAsyncScope();
        var staff = scope.ServiceProvider.GetRequiredService<UserManager<StaffMember>>();
        var member = actor.StaffId is { } id ? await staff.FindByIdAsync(id.ToString()) : null;
        if (member is null)
        {
            throw new RuleException("password_wrong");
        }

        if (await staff.IsLockedOutAsync(member))
        {
            throw new RuleException("locked_out");
        }

        if (!await staff.CheckPasswordAsync(member, password ?? ""))
        {
            await staff.AccessFailedAsync(member);
            throw new RuleException("password_wrong");
        }

        await staff.ResetAccessFailedCountAsync(member);
    }
}
