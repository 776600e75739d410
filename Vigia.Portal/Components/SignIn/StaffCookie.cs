using System.Security.Claims;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Sessions;
using Vigia.Core.Staff.SignIn;
using Vigia.Portal.Components.Access;

namespace Vigia.Portal.Components.SignIn;

/// <summary>
/// Issues the cookie of a person who has been authenticated. Each sign-in is one row of <see cref="SignInSession"/>,
/// and the cookie carries its id.
/// </summary>
public sealed class StaffCookie(
    SignInManager<StaffMember> signIn, IDbContextFactory<MasterContext> contexts, SessionGate gate,
    IHttpContextAccessor http, TimeProvider time)
{
    private const int LongestUserAgent = 400;

    /// <summary>
    /// Signs in. This replaces any cookie that the browser held and ends that cookie's sign-in, so a planted cookie is
    /// worthless.
    /// </summary>
    /// <param name="member">The person who has been authenticated.</param>
    /// <param name="method">The method, as in <see cref="SignInSession.Method"/>.</param>
    public async Task SignInAsync(StaffMember member, string method, CancellationToken cancellationToken)
    {
        var request = http.HttpContext!;
        var agent = request.Request.Headers.UserAgent.ToString();
        var now = time.GetUtcNow();
        var session = new SignInSession
        {
            StaffId = member.Id,
            CreatedAt = now,
            LastInputAt = now,
            Address = request.Connection.RemoteIpAddress?.ToString(),
            UserAgent = SafeText.Cut(agent, LongestUserAgent),
            Method = method,
        };
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        db.Set<SignInSession>().Add(session);
        await db.SaveChangesAsync(cancellationToken);
        if (SessionPrincipal.SessionOf(request.User) is { } replaced)
        {
            await gate.CloseAsync(replaced, cancellationToken);
        }

        await signIn.SignInWithClaimsAsync(
            member, isPersistent: false, [new Claim(StaffClaims.SessionId, session.Id.ToString())]);
    }
}
