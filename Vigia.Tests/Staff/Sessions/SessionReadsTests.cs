using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Sessions;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Staff.Team;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Staff.Sessions;

/// <summary>How often a session is read, and whom a change of an account wakes.</summary>
public sealed class SessionReadsTests(PostgresServer server) : CoreTestBase(server)
{
    private SessionGate Gate => Host.Get<SessionGate>();

    [Fact]
    public async Task Read_EightTimesInOnePageView_IsOneStatement()
    {
        var session = await SignedInAsync(Host.Admin.StaffId!.Value);
        using var statements = new Statements(Host.Master.Database, "staff_sessions");

        // A gate of its own: the host's forgets when it begins to listen, which may be now.
        var gate = new SessionGate(
            Host.Get<IDbContextFactory<MasterContext>>(), Host.Get<IOptions<StaffOptions>>(), TimeProvider.System);
        for (var read = 0; read < 8; read++)
        {
            Assert.Equal(SessionState.Open, (await gate.ReadAsync(session, Cancellation))!.State);
        }

        Assert.Single(statements.Seen);
    }

    [Fact]
    public async Task Read_LockedWithinTheSameSecond_IsLocked()
    {
        var session = await SignedInAsync(Host.Admin.StaffId!.Value);
        Assert.Equal(SessionState.Open, (await Gate.ReadAsync(session, Cancellation))!.State);

        await Gate.LockAsync(session, Cancellation);

        Assert.Equal(SessionState.Locked, (await Gate.ReadAsync(session, Cancellation))!.State);
    }

    [Fact]
    public async Task Notification_ChangeOfAnAccount_NamesIt()
    {
        var member = await Host.AddStaffAsync("Carla Operadora", "carla@vigia.test", StaffRoles.Operator);
        var session = await SignedInAsync(member.StaffId!.Value);
        var (anybody, named) = (0, new ConcurrentQueue<Guid>());
        Gate.AccountChanged += named.Enqueue;

        // When the host begins to listen, everything counts as changed. A name can only arrive after that.
        var another = Guid.NewGuid();
        await Eventually.HoldsAsync("the host listens", async () =>
        {
            await using var db = await Host.OpenMasterAsync();
            await db.Database.ExecuteSqlAsync(
                $"SELECT pg_notify('vigia_staff', {another.ToString()})", Cancellation);
            return named.Contains(another);
        }, Cancellation);
        Gate.Changed += id => anybody += id is null ? 1 : 0;

        await Host.Get<StaffProtection>().EndSessionsAsync(Host.Admin, member.StaffId!.Value, null, Cancellation);

        await Eventually.HoldsAsync(
            "the account is named", () => Task.FromResult(named.Contains(member.StaffId!.Value)), Cancellation);
        Assert.Equal(SessionState.Over, (await Gate.ReadAsync(session, Cancellation))!.State);
        Assert.Equal(0, anybody);
    }

    private async Task<Guid> SignedInAsync(Guid person)
    {
        var now = DateTimeOffset.UtcNow;
        var session = new SignInSession { StaffId = person, CreatedAt = now, LastInputAt = now, Method = "password" };
        await using var db = await Host.OpenMasterAsync();
        db.Add(session);
        await db.SaveChangesAsync(Cancellation);
        return session.Id;
    }
}
