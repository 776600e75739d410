using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Staff.Decisions;
using Vigia.Core.Staff.MyAccount;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Staff.Team;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Staff.Decisions;

/// <summary>
/// An installation with exactly two administrators, from its start until one of them loses all credentials.
/// </summary>
public sealed class TwoAdministratorsTests(PostgresServer server) : AdministratorsTestBase(server)
{
    [Fact]
    public async Task SecondAdministrator_InvitedWithDelay_DecidesAfterThirtyDays()
    {
        var email = NewEmail("benito");
        var asked = (await AskToInviteAsync(Host.Admin, "Benito Segundo", email)).Asked!;
        Assert.Equal(asked.RequestedAt.AddHours(24), asked.EffectiveAt);
        var seen = Assert.Single(await Host.Get<StaffNotices>().AnnouncedAsync(Host.Support, Cancellation));
        Assert.Equal((Host.Admin.Name, "Benito Segundo", email), (seen.RequestedByName, seen.FullName, seen.Email));
        Assert.Equal(asked.EffectiveAt!.Value, seen.EffectiveAt, TimeSpan.FromMilliseconds(1));
        var record = await RecordAsync("staff.requested");
        Assert.Equal(("sign_staff_invite", "password"), (record.SignatureMeaning, record.SignedWith));
        await AssertRefusedAsync(
            "staff_request_waiting", () => AskToInviteAsync(Host.Admin, "Benito", email.ToUpperInvariant()));

        Time.Pass(TimeSpan.FromHours(23));
        await ApplyDueAsync();
        Assert.Null(await StaffIdAsync(email));
        Time.Pass(TimeSpan.FromHours(1.1));
        await ApplyDueAsync();

        var id = (await StaffIdAsync(email))!.Value;
        Assert.Empty(await Host.Get<StaffNotices>().AnnouncedAsync(Host.Support, Cancellation));
        var effective = await RecordAsync("staff.request_effective");
        Assert.Equal((null, "Vigia Portal"), (effective.ActorId, effective.ActorName));
        await AssertRefusedAsync(
            "staff_link_over", () =>
            Links.ShowAsync(Host.Support with { Roles = [StaffRoles.Administrator] }, asked.Id, CoreHost.AdminPassword,
            Cancellation));
        await AssertRefusedAsync("password_wrong", () => Links.ShowAsync(Host.Admin, asked.Id, "no-es", Cancellation));
        var link = await Links.ShowAsync(Host.Admin, asked.Id, CoreHost.AdminPassword, Cancellation);
        await AssertRefusedAsync(
            "staff_link_over", () => Links.ShowAsync(Host.Admin, asked.Id, CoreHost.AdminPassword, Cancellation));
        await Welcome.AcceptAsync(link.Token, Password, null, Cancellation);

        // Ana could have kept the link. For 30 days neither of the two can approve for the other.
        var benito = ActorOf(id, "Benito Segundo");
        var tenant = await ReadyAsync(NewName("segunda"));
        var (operation, approval) = await AskToDeleteAsync(Host.Admin, tenant);
        await AssertRefusedAsync("approval_dependent", () => ApproveAsync(benito, approval, Password));
        await AssertRefusedAsync("approval_dependent", () => RefuseAsync(benito, approval));
        Assert.Equal(0, await InScopeAsync<ApprovalService, int>(s => s.CountAsync(benito, Cancellation)));
        await CancelAsync(operation);

        Time.Pass(TimeSpan.FromDays(31));
        (operation, approval) = await AskToDeleteAsync(Host.Admin, tenant);
        Assert.Equal(1, await InScopeAsync<ApprovalService, int>(s => s.CountAsync(benito, Cancellation)));
        await ApproveAsync(benito, approval, Password);
        Assert.Equal(OperationState.Succeeded, await EndAsync(operation));
    }

    [Fact]
    public async Task SecondAdministrator_MadeOnTheConsole_DecidesAtOnceAndCanBeRecovered()
    {
        var email = NewEmail("benito");
        var console = Host.Get<ConsoleAdministrators>();
        var link = await console.MakeAsync(email, "Benito Segundo", "Consola de prueba", Cancellation);
        await Welcome.AcceptAsync(link!.Token, Password, null, Cancellation);
        var benito = ActorOf(link.StaffId, "Benito Segundo");
        var tenant = await ReadyAsync(NewName("consola"));
        var (operation, approval) = await AskToDeleteAsync(Host.Admin, tenant);
        await ApproveAsync(benito, approval, Password);
        Assert.Equal(OperationState.Succeeded, await EndAsync(operation));

        // Benito loses the password and the second factor. Ana alone can't help him.
        var secret = Totp.NewSecret();
        await Host.Get<OwnSecondFactor>()
            .EnableAsync(benito, secret, Totp.Code(secret, Time.GetUtcNow().ToUnixTimeSeconds() / 30), Password,
            Cancellation);
        await AddHoldingsAsync(benito.StaffId!.Value);
        await AssertRefusedAsync(
            "second_person_missing", () => Links.RenewAsync(Host.Admin, link.StaffId, "La perdió", Cancellation));
        await AssertRefusedAsync(
            "second_person_missing",
            () => Protection.ResetSecondFactorAsync(Host.Admin, link.StaffId, "Lo perdió", Cancellation));

        var back = await console.RecoverAsync(email.ToUpperInvariant(), "Consola de prueba", Cancellation);
        await Welcome.AcceptAsync(back.Token, "Otra-clave-nueva-9", null, Cancellation);

        Assert.Equal(CredentialOutcome.Accepted, await SignInAsync(email, "Otra-clave-nueva-9"));
        var member = (await DetailsAsync(link.StaffId)).Member;
        Assert.Equal((false, 0, 0), (member.HasSecondFactor, member.OpenSessions, member.LiveTokens));
        var record = await RecordAsync("staff.recovered_on_console");
        Assert.Equal((null, "Consola de prueba"), (record.ActorId, record.ActorName));
        var notices = Host.Get<StaffNotices>();
        foreach (var administrator in new[] { Host.Admin, benito })
        {
            var acts = await notices.ConsoleAsync(administrator, Cancellation);
            Assert.Equal([InfluenceKind.ConsoleMade, InfluenceKind.ConsoleRecovered], acts.Select(a => a.Kind));
            await notices.CloseAsync(administrator, acts[0].Id, Cancellation);
            await notices.CloseAsync(administrator, acts[0].Id, Cancellation);
            Assert.Equal([InfluenceKind.ConsoleRecovered],
                (await notices.ConsoleAsync(administrator, Cancellation)).Select(a => a.Kind));
        }

        // Work on the console gives nobody a part in an account.
        (_, approval) = await AskToDeleteAsync(Host.Admin, await ReadyAsync(NewName("otra")));
        await ApproveAsync(benito, approval, "Otra-clave-nueva-9");
        await AssertRefusedAsync(
            "staff_not_administrator",
            () => console.RecoverAsync("saul@vigia.test", "Consola de prueba", Cancellation));
        await AssertRefusedAsync(
            "staff_unknown", () => console.RecoverAsync("nadie@vigia.test", "Consola de prueba", Cancellation));
        await AssertRefusedAsync(
            "staff_administrator_already", () => console.MakeAsync(email, null, "Consola de prueba", Cancellation));
        await AssertInvalidAsync(
            "email", "correo_form", () => console.MakeAsync("no-es-correo", null, "Consola de prueba", Cancellation));
        Assert.Null(await console.MakeAsync("saul@vigia.test", null, "Consola de prueba", Cancellation));
        Assert.Equal([StaffRoles.Administrator, StaffRoles.Support],
            (await DetailsAsync(Host.Support.StaffId!.Value)).Member.Roles);
    }

    [Fact]
    public async Task DelayedRequests_OneCantBeApplied_OthersTakeEffect()
    {
        var refused = (await AskToInviteAsync(Host.Admin, "Primera", NewEmail("primera"))).Asked!;
        Time.Pass(TimeSpan.FromMinutes(1));
        var support = Host.Support.StaffId!.Value;
        var saul = (await Changes.ChangeAccessAsync(
            Host.Admin, support, Access(StaffRoles.Administrator), Cancellation)).Asked!;
        await PostgresServer.ExecuteAsync(Server.SuperuserUrl(Host.Master.Database),
            $"""
            CREATE FUNCTION public.test_refuse() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'not this one' USING ERRCODE = '23514'; END $$;
            CREATE TRIGGER test_refuse BEFORE UPDATE ON portal.approvals FOR EACH ROW WHEN (OLD.id = '{refused.Id}')
                EXECUTE FUNCTION public.test_refuse();
            """, Cancellation);
        Time.Pass(TimeSpan.FromHours(25));

        await ApplyDueAsync(OperationState.Failed);

        Assert.Equal(ApprovalState.Waiting, (await ApprovalAsync(refused.Id)).State);
        Assert.Equal(ApprovalState.Approved, (await ApprovalAsync(saul.Id)).State);
    }

    [Fact]
    public async Task DelayedRequest_WhenItRuns_IsCheckedAgain()
    {
        // Any administrator can cancel it, including one whose account was created by the person who made the request.
        var cancelled = (await AskToInviteAsync(Host.Admin, "Cancelada", NewEmail("cancelada"))).Asked!;
        await InScopeAsync<ApprovalService, bool>(async s =>
        {
            await s.CancelAsync(Host.Admin, cancelled.Id, Cancellation);
            return true;
        });
        Assert.Equal(ApprovalState.Withdrawn, (await ApprovalAsync(cancelled.Id)).State);
        await RecordAsync("staff.request_cancelled");

        // Meanwhile the address belongs to another person.
        var taken = NewEmail("tomada");
        var failing = (await AskToInviteAsync(Host.Admin, "Tomada", taken)).Asked!;
        await Links.InviteAsync(Host.Admin, new InviteStaff("Otra", taken, Access(StaffRoles.Support)), Cancellation);

        // A member becomes an administrator.
        var saul = (await Changes.ChangeAccessAsync(
            Host.Admin, Host.Support.StaffId!.Value, Access(StaffRoles.Administrator), Cancellation)).Asked!;
        Assert.NotNull(saul.EffectiveAt);
        Time.Pass(TimeSpan.FromHours(25));
        await ApplyDueAsync();
        var failed = await ApprovalAsync(failing.Id);
        Assert.Equal((ApprovalState.Failed, "staff_email_taken"), (failed.State, failed.Error?.Code));
        Assert.Equal(ApprovalState.Approved, (await ApprovalAsync(saul.Id)).State);
        Assert.Equal([StaffRoles.Administrator], (await DetailsAsync(Host.Support.StaffId.Value)).Member.Roles);

        // As soon as there are two independent administrators, a request no longer takes effect through the delay.
        var late = (await AskToInviteAsync(Host.Admin, "Tarde", NewEmail("tarde"))).Asked!;
        Assert.NotNull(late.EffectiveAt);
        var carla = await AdministratorAsync("Carla Tercera");
        Time.Pass(TimeSpan.FromHours(25));
        await ApplyDueAsync();
        var waiting = await ApprovalAsync(late.Id);
        Assert.Equal((ApprovalState.Waiting, null), (waiting.State, waiting.EffectiveAt));
        Assert.Empty(await Host.Get<StaffNotices>().AnnouncedAsync(Host.Support, Cancellation));
        await AssertRefusedAsync("approval_own", () => ApproveAsync(Host.Admin, late.Id));
        await AssertRefusedAsync(
            "approval_dependent", () => ApproveAsync(ActorOf(Host.Support.StaffId.Value, "Saúl"), late.Id));
        await ApproveAsync(carla, late.Id);
        Assert.Equal("sign_staff_approve", (await RecordAsync("staff.request_approved")).SignatureMeaning);

        // The person who made the request is no longer an administrator.
        var orphan = (await Links.InviteAsync(
            carla, new InviteStaff("Huérfana", NewEmail("huerfana"), Access(StaffRoles.Administrator)),
            CoreHost.AdminPassword, Cancellation)).Asked!;
        Assert.Null(orphan.EffectiveAt);
        await Changes.DisableAsync(Host.Admin, carla.StaffId!.Value, "Se fue", Cancellation);
        await AssertRefusedAsync("staff_requester_gone", () => ApproveAsync(Host.Admin, orphan.Id));
    }
}
