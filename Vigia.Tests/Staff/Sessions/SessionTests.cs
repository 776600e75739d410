using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Staff.Sessions;
using Vigia.Core.Staff.SignIn;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Staff.Sessions;

/// <summary>Sessions in the master. The server's clock decides their state, no matter what a browser reports.</summary>
public sealed class SessionTests(PostgresServer server) : IAsyncLifetime
{
    private readonly ShiftedTime _time = new();
    private CoreHost _host = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private SessionGate Gate => _host.Get<SessionGate>();

    private StaffSessions Sessions => _host.Get<StaffSessions>();

    public async ValueTask InitializeAsync() =>
        _host = await CoreHost.StartAsync(
        server, workers: false, services => services.AddSingleton<TimeProvider>(_time));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Standing_WithoutInputForTheLimit_IsLockedUntilUnlocked()
    {
        var session = await SignedInAsync();
        _time.Pass(TimeSpan.FromMinutes(14));
        Assert.True(await Gate.TouchAsync(session, Cancellation));
        _time.Pass(TimeSpan.FromMinutes(14));
        Assert.Equal(SessionState.Open, await StateAsync(session));

        _time.Pass(TimeSpan.FromMinutes(2));

        Assert.Equal(SessionState.Locked, await StateAsync(session));
        Assert.False(await Gate.TouchAsync(session, Cancellation));
        Assert.Equal(SessionState.Locked, await StateAsync(session));
        await Sessions.UnlockAsync(_host.Admin, session, CoreHost.AdminPassword, Cancellation);
        Assert.Equal(SessionState.Open, await StateAsync(session));
    }

    [Fact]
    public async Task Lock_OnRequest_NotifiesOpenPages()
    {
        var session = await SignedInAsync();
        var told = new ConcurrentQueue<Guid?>();
        Gate.Changed += told.Enqueue;

        await Gate.LockAsync(session, Cancellation);

        // The notifications include it. The feed also notifies of a change of unknown extent when it begins to listen.
        Assert.Contains(session, told);
        Assert.Equal(SessionState.Locked, await StateAsync(session));
        Assert.False(await Gate.TouchAsync(session, Cancellation));
    }

    [Fact]
    public async Task Unlock_WrongPasswordFiveTimes_HasToWait()
    {
        var session = await SignedInAsync();
        await Gate.LockAsync(session, Cancellation);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal("password_wrong",
                await RefusalAsync(() => Sessions.UnlockAsync(_host.Admin, session, "no-es-la-de-ana", Cancellation)));
        }

        Assert.Equal("too_many_tries",
            await RefusalAsync(() => Sessions.UnlockAsync(_host.Admin, session, CoreHost.AdminPassword, Cancellation)));
        Assert.Equal(SessionState.Locked, await StateAsync(session));
    }

    [Fact]
    public async Task Unlock_SessionOfAnotherOrEnded_IsRefused()
    {
        var mine = await SignedInAsync();
        await Gate.LockAsync(mine, Cancellation);

        Assert.Equal("session_over",
            await RefusalAsync(() => Sessions.UnlockAsync(_host.Support, mine, CoreHost.AdminPassword, Cancellation)));
        Assert.Equal(SessionState.Locked, await StateAsync(mine));
        await Sessions.EndAsync(_host.Admin, mine, Cancellation);
        Assert.Equal("session_over",
            await RefusalAsync(() => Sessions.UnlockAsync(_host.Admin, mine, CoreHost.AdminPassword, Cancellation)));
    }

    [Theory]
    [InlineData("UPDATE portal.staff SET disabled_at = now()")]
    [InlineData("UPDATE portal.staff SET access_ends_at = now() - interval '1 second'")]
    [InlineData("UPDATE portal.staff_sessions SET ended_at = now()")]
    [InlineData("UPDATE portal.staff_sessions SET created_at = now() - interval '10 hours 1 minute'")]
    public async Task Standing_PersonMayNoLongerSignIn_IsOver(string sql)
    {
        var session = await SignedInAsync();

        await PostgresServer.ExecuteAsync(_host.Master, sql, Cancellation);

        Assert.Equal(SessionState.Over, await StateAsync(session));
    }

    [Fact]
    public async Task Standing_RolesAndTenants_AreCurrent()
    {
        var session = await SignedInAsync();
        Assert.Equal([StaffRoles.Administrator], (await Gate.ReadAsync(session, Cancellation))!.Roles);
        await PostgresServer.ExecuteAsync(
            _host.Master,
            $"""
            UPDATE portal.staff_role_members
                SET role_id = (SELECT id FROM portal.staff_roles WHERE name = 'Auditor')
                WHERE user_id = '{_host.Admin.StaffId}';
            UPDATE portal.staff SET is_scoped = true;
            INSERT INTO portal.staff_scopes (staff_id, tenant_id)
                VALUES ('{_host.Admin.StaffId}', 7), ('{_host.Admin.StaffId}', 9)
            """, Cancellation);
        _time.Pass(TimeSpan.FromSeconds(1));

        var standing = await Gate.ReadAsync(session, Cancellation);

        Assert.Equal([StaffRoles.Auditor], standing!.Roles);
        Assert.Equal([7, 9], standing.TenantScope!.Order());
        Assert.Null(await Gate.ReadAsync(Guid.NewGuid(), Cancellation));
    }

    [Fact]
    public async Task EndAndEndOthers_OwnSessionsOnly_ReturnTheNumber()
    {
        var (here, there, elsewhere, supports) =
            (await SignedInAsync(), await SignedInAsync(), await SignedInAsync(), await SignedInAsync(_host.Support));
        Assert.Equal(3, (await Sessions.ListOwnAsync(_host.Admin, Cancellation)).Count);

        Assert.False(await Sessions.EndAsync(_host.Admin, supports, Cancellation));
        Assert.True(await Sessions.EndAsync(_host.Admin, there, Cancellation));
        Assert.False(await Sessions.EndAsync(_host.Admin, there, Cancellation));
        Assert.Equal(new EndedAccess(1, 0), await Sessions.EndOthersAsync(_host.Admin, here, Cancellation));

        Assert.Equal([here], (await Sessions.ListOwnAsync(_host.Admin, Cancellation)).Select(s => s.Id));
        Assert.Equal(SessionState.Open, await StateAsync(supports));
        Assert.Equal(SessionState.Over, await StateAsync(elsewhere));
        await using var db = await _host.OpenMasterAsync();
        var records = await db.Set<AuditEvent>().Where(e => e.Action == "staff.sessions_ended").OrderBy(e => e.Seq)
            .Select(e => e.After).ToListAsync(Cancellation);
        Assert.Equal(2, records.Count);
        Assert.Contains(there.ToString(), records[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignOut_EndsTheSessionAndIsRecorded()
    {
        var session = await SignedInAsync();

        await Sessions.SignOutAsync(_host.Admin, session, Cancellation);

        Assert.Equal(SessionState.Over, await StateAsync(session));
        Assert.Equal(1, await _host.ScalarAsync<long>(
            _host.Master.Database, "SELECT count(*) FROM portal.audit_events WHERE action = 'staff.signed_out'"));
    }

    private async Task<Guid> SignedInAsync(Actor? who = null)
    {
        var now = _time.GetUtcNow();
        var session = new SignInSession
        {
            StaffId = (who ?? _host.Admin).StaffId!.Value, CreatedAt = now,
            LastInputAt = now, Method = "password"
        };
        await using var db = await _host.OpenMasterAsync();
        db.Set<SignInSession>().Add(session);
        await db.SaveChangesAsync(Cancellation);
        return session.Id;
    }

    private async Task<SessionState> StateAsync(Guid session) => (await Gate.ReadAsync(session, Cancellation))!.State;

    private static async Task<string> RefusalAsync(Func<Task> act) =>
        (await Assert.ThrowsAnyAsync<RuleException>(act)).Reason.Code;
}
