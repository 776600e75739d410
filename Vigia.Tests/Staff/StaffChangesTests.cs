using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Staff;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Staff;

public sealed class StaffChangesTests(PostgresServer server) : StaffClass(server)
{
    protected override bool Workers => true;

    [Fact]
    public async Task ChangeAccess_IsAuditedBeforeAndAfter_AndEndsWhatWasOpen()
    {
        var id = Host.Support.StaffId!.Value;
        var stamp = await StampAsync(id);
        await AddHoldingsAsync(id);

        await Changes.ChangeAccessAsync(Host.Admin, id, Access(StaffRoles.Operator, StaffRoles.Auditor), Cancellation);

        var details = await DetailsAsync(id);
        Assert.Equal([StaffRoles.Operator, StaffRoles.Auditor], details.Member.Roles);
        Assert.Equal((0, 1), (details.Member.OpenSessions, details.Member.LiveTokens));
        Assert.NotEqual(stamp, await StampAsync(id));
        var record = await RecordAsync("staff.access_changed");
        Assert.Equal(["Support"], Roles(record.Before!));
        Assert.Equal(["Operator", "Auditor"], Roles(record.After!));
        Assert.DoesNotContain("access_ends_at", record.After!, StringComparison.Ordinal);

        await Changes.ChangeAccessAsync(Host.Admin, id, Access(StaffRoles.Operator, StaffRoles.Auditor), Cancellation);
        Assert.Equal(record.Seq, (await RecordAsync("staff.access_changed")).Seq);
    }

    [Fact]
    public async Task ChangeAccess_LimitOfAnAuditor_ComesAndGoes()
    {
        var (one, two) = (await RegisterAsync(NewName("uno")), await RegisterAsync(NewName("dos")));
        var id = Host.Support.StaffId!.Value;
        await Changes.ChangeAccessAsync(Host.Admin, id, new StaffAccess([StaffRoles.Auditor], [one, two], null), Cancellation);
        Assert.Equal(2, (await DetailsAsync(id)).Member.ScopeSize);
        await Changes.ChangeAccessAsync(Host.Admin, id, new StaffAccess([StaffRoles.Auditor], [two], new DateOnly(2100, 12, 31)), Cancellation);
        Assert.Equal([two], (await DetailsAsync(id)).Scope!.Select(s => s.Id));
        await Changes.ChangeAccessAsync(Host.Admin, id, Access(StaffRoles.Auditor), Cancellation);
        var member = (await DetailsAsync(id)).Member;
        Assert.Equal((null, null), (member.ScopeSize, member.AccessEndsAt));
    }

    [Fact]
    public async Task LastAdministrator_StaysOne_AndNobodyDoesItToThemselves()
    {
        var ana = Host.Admin.StaffId!.Value;
        var other = await Host.AddStaffAsync("Otra", NewEmail("otra"), StaffRoles.Administrator);
        await AssertRefusedAsync("staff_own_account", () => Changes.DisableAsync(Host.Admin, ana, "yo", Cancellation));
        await AssertRefusedAsync("staff_own_account", () => Changes.ChangeAccessAsync(Host.Admin, ana, Access(StaffRoles.Support), Cancellation));
        Assert.False((await DetailsAsync(ana)).IsLastAdministrator);

        await Changes.ChangeAccessAsync(other, ana, Access(StaffRoles.Support), Cancellation);
        await AssertRefusedAsync("staff_last_administrator", () => Changes.DisableAsync(Host.Admin, other.StaffId!.Value, "x", Cancellation));
        await AssertRefusedAsync("staff_last_administrator", () => Changes.ChangeAccessAsync(Host.Admin, other.StaffId!.Value, Access(StaffRoles.Operator), Cancellation));

        // An invitation is nobody yet.
        await Links.InviteAsync(other, new InviteStaff("Nadie aún", NewEmail("nadie"), Access(StaffRoles.Administrator)), Cancellation);
        await AssertRefusedAsync("staff_last_administrator", () => Changes.DisableAsync(Host.Admin, other.StaffId!.Value, "x", Cancellation));
        Assert.True((await DetailsAsync(other.StaffId!.Value)).IsLastAdministrator);
    }

    [Fact]
    public async Task TwoAdministrators_DemotingAndDisablingEachOtherAtOnce_OneStays()
    {
        for (var round = 0; round < 8; round++)
        {
            var ana = Host.Admin;
            var other = await Host.AddStaffAsync($"Otra {round}", NewEmail("otra"), StaffRoles.Administrator);
            using var start = new Barrier(2);
            async Task<string> TryAsync(Func<Task> act)
            {
                start.SignalAndWait(Cancellation);
                try
                {
                    await act();
                    return "done";
                }
                catch (RuleException refused)
                {
                    return refused.Reason.Code;
                }
            }

            var outcomes = await Task.WhenAll(
                Task.Run(() => TryAsync(() => Changes.ChangeAccessAsync(other, ana.StaffId!.Value, Access(StaffRoles.Support), Cancellation)), Cancellation),
                Task.Run(() => TryAsync(() => Changes.DisableAsync(ana, other.StaffId!.Value, "A la vez", Cancellation)), Cancellation));

            Assert.Equal(["done", "staff_last_administrator"], outcomes.Order());
            if (outcomes[0] == "done")
            {
                await Changes.ChangeAccessAsync(other, ana.StaffId!.Value, Access(StaffRoles.Administrator), Cancellation);
                await Changes.DisableAsync(ana, other.StaffId!.Value, "Otra ronda", Cancellation);
            }
        }
    }

    [Fact]
    public async Task Disable_EndsWhatTheyHold_LeavesWhatTheyAskedFor_AndEnablingChoosesRolesAnew()
    {
        var id = Host.Support.StaffId!.Value;
        await AddHoldingsAsync(id);
        var operation = await EnqueueAsync(Host.Support, "expire_demos", held: true);
        var holdings = await Host.Get<StaffDirectory>().HoldingsAsync(Host.Admin, id, Cancellation);
        Assert.Equal((1, "Informes", operation), (holdings.Sessions, holdings.Tokens.Single().Name, holdings.Operations.Single().OperationId));
        await AssertInvalidAsync("reason", "reason_required", () => Changes.DisableAsync(Host.Admin, id, "", Cancellation));

        await Changes.DisableAsync(Host.Admin, id, "Dejó la empresa", Cancellation);

        var member = (await DetailsAsync(id)).Member;
        Assert.Equal((StaffState.Disabled, 0, 0), (member.State, member.OpenSessions, member.LiveTokens));
        Assert.Empty(member.Roles);
        Assert.Equal(CredentialOutcome.Refused, await SignInAsync(member.Email, CoreHost.AdminPassword));
        Assert.Equal(OperationState.Queued, (await Host.Get<OperationService>().GetAsync(Host.Admin, operation, Cancellation)).State);
        var record = await RecordAsync("staff.disabled");
        Assert.Equal("Dejó la empresa", record.Reason);
        Assert.Equal(1, JsonDocument.Parse(record.After!).RootElement.GetProperty("tokens_revoked").GetInt32());
        await AssertRefusedAsync("staff_disabled", () => Changes.DisableAsync(Host.Admin, id, "otra vez", Cancellation));
        await AssertRefusedAsync("staff_disabled", () => Changes.ChangeAccessAsync(Host.Admin, id, Access(StaffRoles.Operator), Cancellation));

        await Changes.EnableAsync(Host.Admin, id, Access(StaffRoles.Operator), Cancellation);

        Assert.Equal([StaffRoles.Operator], (await DetailsAsync(id)).Member.Roles);
        Assert.Equal(CredentialOutcome.Accepted, await SignInAsync(member.Email, CoreHost.AdminPassword));
        Assert.Equal(0, (await DetailsAsync(id)).Member.LiveTokens);
        await AssertRefusedAsync("staff_not_disabled", () => Changes.EnableAsync(Host.Admin, id, Access(StaffRoles.Operator), Cancellation));
    }

    [Fact]
    public async Task Disable_WhileASignInHoldsTheOldRow_IsNotUndoneByIt()
    {
        var id = Host.Support.StaffId!.Value;
        await using var db = await Host.OpenMasterAsync();
        var stale = await db.Users.SingleAsync(s => s.Id == id, Cancellation);
        await Changes.DisableAsync(Host.Admin, id, "Ahora", Cancellation);

        // What Identity's store does with a failed try: it writes the whole row that it read.
        stale.AccessFailedCount++;
        db.Update(stale);
        await Assert.ThrowsAsync<DbUpdateConcurrencyException>(() => db.SaveChangesAsync(Cancellation));

        Assert.Equal(StaffState.Disabled, (await DetailsAsync(id)).Member.State);
    }

    [Fact]
    public async Task Access_ThatIsOver_IsEndedByTheRecurringJob_AsTheSystem()
    {
        var id = Host.Support.StaffId!.Value;
        await AddHoldingsAsync(id);
        await ExecuteAsync($"UPDATE portal.staff SET access_ends_at = now() - interval '1 minute' WHERE id = '{id}'");
        Assert.Equal(StaffState.AccessOver, (await DetailsAsync(id)).Member.State);
        await AssertRefusedAsync("staff_disabled", () => Changes.ChangeAccessAsync(Host.Admin, id, Access(StaffRoles.Operator), Cancellation));

        await Host.EndOfAsync(await EnqueueAsync(Actor.System, "end_staff_access", held: false));

        var member = (await DetailsAsync(id)).Member;
        Assert.Equal((StaffState.Disabled, 0, 0), (member.State, member.OpenSessions, member.LiveTokens));
        var record = await RecordAsync("staff.access_ended");
        Assert.Equal((null, "Vigia Portal"), (record.ActorId, record.ActorName));
        Assert.Equal(StaffState.Active, (await DetailsAsync(Host.Admin.StaffId!.Value)).Member.State);
    }

    [Fact]
    public async Task Rename_IsAudited_AndKeepsSignIns()
    {
        var id = Host.Support.StaffId!.Value;
        await AddHoldingsAsync(id);
        var stamp = await StampAsync(id);
        await Changes.RenameAsync(Host.Admin, id, "Saúl Soporte Díaz", Cancellation);
        var member = (await DetailsAsync(id)).Member;
        Assert.Equal(("Saúl Soporte Díaz", 1, stamp), (member.FullName, member.OpenSessions, await StampAsync(id)));
        Assert.Contains("Saúl Soporte", JsonDocument.Parse((await RecordAsync("staff.renamed")).Before!).RootElement.GetProperty("full_name").GetString(), StringComparison.Ordinal);
        await AssertRefusedAsync("staff_unknown", () => Changes.RenameAsync(Host.Admin, Guid.NewGuid(), "Nadie", Cancellation));
    }

    private static IEnumerable<string?> Roles(string json) => JsonDocument.Parse(json).RootElement.GetProperty("roles").EnumerateArray().Select(r => r.GetString());

    private Task<string?> StampAsync(Guid id) => Host.ScalarAsync<string>(Host.Master.Database, $"SELECT security_stamp FROM portal.staff WHERE id = '{id}'");

    private async Task<Guid> EnqueueAsync(Actor actor, string kind, bool held)
    {
        await using var db = await Host.OpenMasterAsync();
        var operation = Host.Get<OperationQueue>().Enqueue(db, actor, kind, (OperationTarget?)null, null, OperationQueue.Background);
        operation.NotBefore = held ? DateTimeOffset.UtcNow.AddHours(1) : null;
        await db.SaveChangesAsync(Cancellation);
        return operation.Id;
    }
}
