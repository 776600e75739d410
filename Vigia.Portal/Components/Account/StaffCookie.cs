using System.Security.Claims;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Master;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Sessions;

namespace Vigia.Portal.Components.Account;

/// <summary>Gives a person who has been checked their cookie: one sign-in, one row of <see cref="SignInSession"/>, whose id the cookie carries.</summary>
internal sealed class StaffCookie(SignInManager<StaffMember> signIn, IDbContextFactory<MasterContext> contexts, SessionGate gate, IHttpContextAccessor http, TimeProvider time)
{
    /// <summary>The claim with the session's id.</summary>
    public const string SessionId = "sid";

    private const int LongestUserAgent = 400;

    /// <summary>Signs in. Whatever cookie the browser held before is replaced, and its sign-in ends: one that was planted there is worth nothing.</summary>
    /// <param name="member">Who has been checked.</param>
    /// <param name="method">How, as <see cref="SignInSession.Method"/> says it.</param>
    /// <param name="cancellationToken">Ends the request.</param>
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
            UserAgent = agent.Length > LongestUserAgent ? agent[..LongestUserAgent] : agent,
            Method = method,
        };
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        db.Sessions.Add(session);
        await db.SaveChangesAsync(cancellationToken);
        if (SessionPrincipal.SessionOf(request.User) is { } replaced)
        {
            await gate.CloseAsync(replaced, cancellationToken);
        }

        await signIn.SignInWithClaimsAsync(member, isPersistent: false, [new Claim(SessionId, session.Id.ToString())]);
    }
}
