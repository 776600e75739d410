using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Staff.Team;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Staff.Team;

public sealed class StaffChangesTests(PostgresServer server) : StaffTestBase(server)
{
    protected override bool Workers => true;

    [Fact]
    public async Task ChangeAccess_RecordsBothValuesAndEndsSessions()
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
    public async Task ChangeAccess_TenantScopeOfAnAuditor_IsSetAndRemoved()
    {
        var (one, two) = (await RegisterAsync(NewName("uno")), await RegisterAsync(NewName("dos")));
        var id = Host.Support.StaffId!.Value;
        await Changes.ChangeAccessAsync(
            Host.Admin, id, new StaffAccess([StaffRoles.Auditor], [one, two], null), Cancellation);
        Assert.Equal(2, (await DetailsAsync(id)).Member.ScopeSize);
        await Changes.ChangeAccessAsync(
            Host.Admin, id, new StaffAccess([StaffRoles.Auditor], [two], new DateOnly(2100, 12, 31)), Cancellation);
        Assert.Equal([two], (await DetailsAsync(id)).Scope!.Select(s => s.Id));
        await Changes.ChangeAccessAsync(Host.Admin, id, Access(StaffRoles.Auditor), Cancellation);
        var member = (await DetailsAsync(id)).Member;
        Assert.Equal((null, null), (member.ScopeSize, member.AccessEndsAt));
    }

    [Fact]
    public async Task LastAdministrator_CanNotBeDemotedOrDisabled()
    {
        var ana = Host.Admin.StaffId!.Value;
        var other = await Host.AddStaffAsync("Otra", NewEmail("otra"), StaffRoles.Administrator);
        await AssertRefusedAsync("staff_own_account", () => Changes.DisableAsync(Host.Admin, ana, "yo", Cancellation));
        await AssertRefusedAsync(
            "staff_own_account",
            () => Changes.ChangeAccessAsync(Host.Admin, ana, Access(StaffRoles.Support), Cancellation));
        Assert.False((await DetailsAsync(ana)).IsLastAdministrator);

        await Changes.ChangeAccessAsync(other, ana, Access(StaffRoles.Support), Cancellation);
        await AssertRefusedAsync(
            "staff_last_administrator",
            () => Changes.DisableAsync(Host.Admin, other.StaffId!.Value, "x", Cancellation));
        await AssertRefusedAsync(
            "staff_last_administrator",
            () => Changes.ChangeAccessAsync(
            Host.Admin, other.StaffId!.Value, Access(StaffRoles.Operator), Cancellation));

        // An invited person does not count as an administrator.
        await Host.Get<ConsoleAdministrators>().MakeAsync(NewEmail("nadie"), "Nadie aún", "prueba", Cancellation);
        await AssertRefusedAsync(
            "staff_last_administrator",
            () => Changes.DisableAsync(Host.Admin, other.StaffId!.Value, "x", Cancellation));
        Assert.True((await DetailsAsync(other.StaffId!.Value)).IsLastAdministrator);
    }

    [Fact]
    public async Task TwoAdministrators_DemoteEachOtherAtOnce_OneStays()
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
                Task.Run(() => TryAsync(
                    () => Changes.ChangeAccessAsync(
                    other, ana.StaffId!.Value, Access(StaffRoles.Support), Cancellation)), Cancellation),
                Task.Run(() => TryAsync(
                    () => Changes.DisableAsync(ana, other.StaffId!.Value, "A la vez", Cancellation)), Cancellation));

            Assert.Equal(["done", "staff_last_administrator"], outcomes.Order());
            if (outcomes[0] == "done")
            {
                await Host.Get<ConsoleAdministrators>().MakeAsync("ana@vigia.test", null, "prueba", Cancellation);
                await Changes.DisableAsync(ana, other.StaffId!.Value, "Otra ronda", Cancellation);
            }
        }
    }

    [Fact]
    public async Task Disable_EndsAccessKeepsRequests_AndEnablingSetsNewRoles()
    {
        var id = Host.Support.StaffId!.Value;
        await AddHoldingsAsync(id);
        var operation = await EnqueueAsync(Host.Support, new("expire_demos"), held: true);
        var holdings = await Host.Get<StaffDirectory>().HoldingsAsync(Host.Admin, id, Cancellation);
        Assert.Equal((1, "Informes", operation),
            (holdings.Sessions, holdings.Tokens.Single().Name, holdings.Operations.Single().OperationId));
        await AssertInvalidAsync(
            "reason", "reason_required", () => Changes.DisableAsync(Host.Admin, id, "", Cancellation));

        await Changes.DisableAsync(Host.Admin, id, "Dejó la empresa", Cancellation);

        var member = (await DetailsAsync(id)).Member;
        Assert.Equal((StaffState.Disabled, 0, 0), (member.State, member.OpenSessions, member.LiveTokens));
        Assert.Empty(member.Roles);
        Assert.Equal(CredentialOutcome.Refused, await SignInAsync(member.Email, CoreHost.AdminPassword));
        Assert.Equal(OperationState.Queued,
            (await Host.Get<OperationService>().GetAsync(Host.Admin, operation, Cancellation)).State);
        var record = await RecordAsync("staff.disabled");
        Assert.Equal("Dejó la empresa", record.Reason);
        Assert.Equal(1, JsonDocument.Parse(record.After!).RootElement.GetProperty("tokens_revoked").GetInt32());
        await AssertRefusedAsync(
            "staff_disabled", () => Changes.DisableAsync(Host.Admin, id, "otra vez", Cancellation));
        await AssertRefusedAsync(
            "staff_disabled", () =>
            Changes.ChangeAccessAsync(Host.Admin, id, Access(StaffRoles.Operator), Cancellation));

        await Changes.EnableAsync(Host.Admin, id, Access(StaffRoles.Operator), Cancellation);

        Assert.Equal([StaffRoles.Operator], (await DetailsAsync(id)).Member.Roles);
        Assert.Equal(CredentialOutcome.Accepted, await SignInAsync(member.Email, CoreHost.AdminPassword));
        Assert.Equal(0, (await DetailsAsync(id)).Member.LiveTokens);
        await AssertRefusedAsync(
            "staff_not_disabled", () => Changes.EnableAsync(Host.Admin, id, Access(StaffRoles.Operator), Cancellation));
    }

    [Fact]
    public async Task Disable_DuringASignIn_IsNotUndone()
    {
        var id = Host.Support.StaffId!.Value;
        await using var db = await Host.OpenMasterAsync();
        var stale = await db.Users.SingleAsync(s => s.Id == id, Cancellation);
        await Changes.DisableAsync(Host.Admin, id, "Ahora", Cancellation);

        // Identity's store does this after a failed attempt: it writes the whole row that it has read.
        stale.AccessFailedCount++;
        db.Update(stale);
        await Assert.ThrowsAsync<DbUpdateConcurrencyException>(() => db.SaveChangesAsync(Cancellation));

        Assert.Equal(StaffState.Disabled, (await DetailsAsync(id)).Member.State);
    }

    [Fact]
    public async Task Access_PastItsLastDay_IsEndedByTheRecurringJob()
    {
        var id = Host.Support.StaffId!.Value;
        await AddHoldingsAsync(id);
        await ExecuteAsync($"UPDATE portal.staff SET access_ends_at = now() - interval '1 minute' WHERE id = '{id}'");
        Assert.Equal(StaffState.AccessOver, (await DetailsAsync(id)).Member.State);
        await AssertRefusedAsync(
            "staff_disabled", () =>
            Changes.ChangeAccessAsync(Host.Admin, id, Access(StaffRoles.Operator), Cancellation));

        await Host.EndOfAsync(await EnqueueAsync(Actor.System, new("end_staff_access"), held: false));

        var member = (await DetailsAsync(id)).Member;
        Assert.Equal((StaffState.Disabled, 0, 0), (member.State, member.OpenSessions, member.LiveTokens));
        var record = await RecordAsync("staff.access_ended");
        Assert.Equal((null, "Vigia Portal"), (record.ActorId, record.ActorName));
        Assert.Equal(StaffState.Active, (await DetailsAsync(Host.Admin.StaffId!.Value)).Member.State);
    }

    [Fact]
    public async Task Rename_IsSignedAndRecordedAndKeepsSessions()
    {
        var id = Host.Support.StaffId!.Value;
        await AddHoldingsAsync(id);
        var stamp = await StampAsync(id);
        await Changes.RenameAsync(Host.Admin, id, "Saúl Soporte Díaz", Cancellation);
        var member = (await DetailsAsync(id)).Member;
        Assert.Equal(("Saúl Soporte Díaz", 1, stamp), (member.FullName, member.OpenSessions, await StampAsync(id)));
        var record = await RecordAsync("staff.renamed");
        Assert.Equal(("sign_staff_rename", "password"), (record.SignatureMeaning, record.SignedWith));
        Assert.Contains("Saúl Soporte",
            JsonDocument.Parse(record.Before!).RootElement.GetProperty("full_name").GetString(),
            StringComparison.Ordinal);
        await AssertRefusedAsync(
            "staff_unknown", () => Changes.RenameAsync(Host.Admin, Guid.NewGuid(), "Nadie", Cancellation));
    }

    [Fact]
    public async Task Rename_TakenNameOwnAccountOrNoProof_IsRefused()
    {
        var id = Host.Support.StaffId!.Value;
        var gone = await Host.AddStaffAsync("Ángela Núñez", NewEmail("angela"), StaffRoles.Support);
        await Changes.DisableAsync(Host.Admin, gone.StaffId!.Value, "Se fue", Cancellation);

        await AssertRefusedAsync(
            "staff_own_account",
            () => Changes.RenameAsync(Host.Admin, Host.Admin.StaffId!.Value, "Otra Ana", Cancellation));
        await AssertRefusedAsync(
            "password_wrong", () => Changes.RenameAsync(Host.Admin, id, "Otro Saúl", null, Cancellation));
        foreach (var taken in new[] { Host.Admin.Name, $" {Host.Admin.Name.ToUpperInvariant()} ", "ANGELA NUÑEZ" })
        {
            await AssertInvalidAsync(
                "full_name", "staff_name_taken", () => Changes.RenameAsync(Host.Admin, id, taken, Cancellation));
            var person = new InviteStaff(taken, NewEmail("doble"), Access(StaffRoles.Support));
            await AssertInvalidAsync(
                "full_name", "staff_name_taken", () => Links.InviteAsync(Host.Admin, person, Cancellation));
        }

        // People may keep their own name, in upper or lower case.
        var name = Host.Support.Name.ToUpperInvariant();
        await Changes.RenameAsync(Host.Admin, id, name, Cancellation);
        Assert.Equal(name, (await DetailsAsync(id)).Member.FullName);
    }

    [Fact]
    public async Task Signature_IsProvedBeforeAnyLock()
    {
        var (id, access) = (Host.Support.StaffId!.Value, Access(StaffRoles.Operator));
        await ExecuteAsync($"UPDATE portal.staff SET two_factor_enabled = true WHERE id = '{id}'");
        for (var i = 0; i < new StaffOptions().FailedSignInsPerAccount; i++)
        {
            await SignInAsync("saul@vigia.test", "no-es");
        }

        await ExecuteAsync("UPDATE portal.sign_in_tries SET blocked_until = now() + interval '1 hour' "
            + "WHERE blocked_until IS NOT NULL");
        await using var other = await Host.OpenMasterAsync();
        await using var transaction = await other.Database.BeginTransactionAsync(Cancellation);
        await TeamLock.LockMemberAsync(other, id, Cancellation);

        // Each request is answered although another session holds the lock. A proof under that lock takes two
        // connections, so many requests together would exhaust the pool.
        const string Wrong = Confirmations.Prefix + "no-es";
        foreach (var act in new Func<Task>[]
        {
            () => Links.InviteAsync(
                Host.Admin, new InviteStaff("Nueva", NewEmail("nueva"), access), Wrong, Cancellation),
            () => Links.RenewAsync(Host.Admin, id, "La olvidó", Wrong, Cancellation),
            () => Changes.ChangeAccessAsync(Host.Admin, id, access, Wrong, Cancellation),
            () => Changes.RenameAsync(Host.Admin, id, "Otro Saúl", Wrong, Cancellation),
            () => Changes.DisableAsync(Host.Admin, id, "Se fue", Wrong, Cancellation),
            () => Protection.ResetSecondFactorAsync(Host.Admin, id, "Lo perdió", Wrong, Cancellation),
            () => Protection.UnlockAsync(Host.Admin, id, Wrong, Cancellation),
        })
        {
            await AssertRefusedAsync(
                "confirmation_stale", () => act().WaitAsync(TimeSpan.FromSeconds(20), Cancellation));
        }
    }

    private static IEnumerable<string?> Roles(string json) =>
        JsonDocument.Parse(json).RootElement.GetProperty("roles").EnumerateArray().Select(r => r.GetString());

    private Task<string?> StampAsync(Guid id) =>
        Host.ScalarAsync<string>(Host.Master.Database, $"SELECT security_stamp FROM portal.staff WHERE id = '{id}'");

    private async Task<Guid> EnqueueAsync(Actor actor, OperationKind kind, bool held)
    {
        await using var db = await Host.OpenMasterAsync();
        var operation = Host.Get<OperationQueue>()
            .Enqueue(db, actor, kind, (OperationTarget?)null, null, OperationQueue.Background);
        operation.NotBefore = held ? DateTimeOffset.UtcNow.AddHours(1) : null;
        await db.SaveChangesAsync(Cancellation);
        return operation.Id;
    }
}
