using System.Text.Json;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Staff.Team;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Staff.Team;

public sealed class StaffLinksTests(PostgresServer server) : StaffTestBase(server)
{
    [Fact]
    public async Task Invite_Accepted_SignsInWithTheNewPassword()
    {
        var email = NewEmail("olga");
        var link = await Links.InviteAsync(
            Host.Admin, new InviteStaff("  Olga Operadora ", email, Access(StaffRoles.Operator)), Cancellation);
        Assert.Equal(StaffState.Invited, (await DetailsAsync(link.StaffId)).Member.State);
        Assert.Equal(CredentialOutcome.Refused, await SignInAsync(email, ""));
        Assert.Equal(new Welcomed("Olga Operadora", email, IsRecovery: false),
            await Welcome.FindAsync(link.Token, Cancellation));

        await Welcome.AcceptAsync(link.Token, Password, "10.0.0.7", Cancellation);

        Assert.Equal(CredentialOutcome.Accepted, await SignInAsync(email, Password));
        var member = (await DetailsAsync(link.StaffId)).Member;
        Assert.Equal((StaffState.Active, "Olga Operadora", null),
            (member.State, member.FullName, member.LinkExpiresAt));
        Assert.Equal([StaffRoles.Operator], member.Roles);
        var record = await RecordAsync("staff.invitation_accepted");
        Assert.Equal((link.StaffId, "Olga Operadora", "10.0.0.7"),
            (record.ActorId, record.ActorName, record.ActorAddress));
    }

    [Fact]
    public async Task Link_StoresItsHashOnlyAndIsRecorded()
    {
        var email = NewEmail("aurora");
        var tenant = await RegisterAsync(NewName("auditado"));
        var link = await Links.InviteAsync(
            Host.Admin, new InviteStaff(
            "Aurora", email, new StaffAccess(
            [StaffRoles.Auditor], [tenant], DateOnly.FromDateTime(DateTime.UtcNow).AddDays(9))), Cancellation);

        var everywhere = await Host.ScalarAsync<long>(
            Host.Master.Database,
            $"""
            SELECT (SELECT count(*) FROM portal.staff_invitations i WHERE i::text LIKE '%{link.Token}%')
                + (SELECT count(*) FROM portal.audit_events e WHERE e::text LIKE '%{link.Token}%')
            """);
        var after = JsonDocument.Parse((await RecordAsync("staff.invited")).After!).RootElement;

        Assert.Equal(0, everywhere);
        Assert.Equal(("Aurora", email),
            (after.GetProperty("member").GetString(), after.GetProperty("email").GetString()));
        Assert.Equal(tenant, after.GetProperty("tenant_ids")[0].GetInt32());
        var details = await DetailsAsync(link.StaffId);
        Assert.Equal([tenant], details.Scope!.Select(s => s.Id));
        Assert.Equal(23, LimaTime.Zone.BaseUtcOffset.Hours + 24
            + details.Member.AccessEndsAt!.Value.UtcDateTime.Hour);
    }

    [Fact]
    public async Task Link_UsedExpiredReplacedOrUnknown_GivesOneAnswer()
    {
        var used = await Links.InviteAsync(
            Host.Admin, new InviteStaff("Uno", NewEmail("uno"), Access(StaffRoles.Support)), Cancellation);
        await Welcome.AcceptAsync(used.Token, Password, null, Cancellation);
        var replaced = await Links.InviteAsync(
            Host.Admin, new InviteStaff("Dos", NewEmail("dos"), Access(StaffRoles.Support)), Cancellation);
        var newer = await Links.RenewAsync(Host.Admin, replaced.StaffId, null, Cancellation);
        var expired = await Links.InviteAsync(
            Host.Admin, new InviteStaff("Tres", NewEmail("tres"), Access(StaffRoles.Support)), Cancellation);
        await ExecuteAsync("UPDATE portal.staff_invitations SET expires_at = now() - interval '1 second' "
            + $"WHERE staff_id = '{expired.StaffId}'");
        Assert.Equal(StaffLinks.Lifetime, TimeSpan.FromHours(72));

        foreach (var token in new[] { used.Token, replaced.Token, expired.Token, "nunca-existio", "", null,
            "\ud800\0" })
        {
            Assert.Null(await Welcome.FindAsync(token, Cancellation));
            await AssertRefusedAsync("staff_link_gone", () => Welcome.AcceptAsync(token, Password, null, Cancellation));
        }

        Assert.NotNull(await Welcome.FindAsync(newer.Token, Cancellation));
        await RecordAsync("staff.invited_again");
    }

    [Fact]
    public async Task Link_UsedTwiceAtOnce_WorksOnce()
    {
        var link = await Links.InviteAsync(
            Host.Admin, new InviteStaff("Doble", NewEmail("doble"), Access(StaffRoles.Support)), Cancellation);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(async () =>
        {
            try
            {
                await Welcome.AcceptAsync(link.Token, $"{Password}-{i}", null, Cancellation);
                return "";
            }
            catch (RuleException refused)
            {
                return refused.Reason.Code;
            }
        }, Cancellation)));

        Assert.Single(outcomes, code => code.Length == 0);
        Assert.Equal(5, outcomes.Count(code => code == "staff_link_gone"));
    }

    [Fact]
    public async Task Accept_WeakPassword_IsRefusedAndTheLinkStays()
    {
        var email = NewEmail("debil");
        var link = await Links.InviteAsync(
            Host.Admin, new InviteStaff("Débil", email, Access(StaffRoles.Support)), Cancellation);
        foreach (var weak in new[] { "corta", "password1", email })
        {
            await AssertInvalidAsync(
                "password", "staff_password_weak", () => Welcome.AcceptAsync(link.Token, weak, null, Cancellation));
        }

        await Welcome.AcceptAsync(link.Token, Password, null, Cancellation);
    }

    [Fact]
    public async Task Recovery_OldPasswordWorksUntilUsed_ThenSessionsEnd()
    {
        var sara = await Host.AddStaffAsync("Sara", NewEmail("sara"), StaffRoles.Support);
        var email = (await DetailsAsync(sara.StaffId!.Value)).Member.Email;
        await AddHoldingsAsync(sara.StaffId.Value);
        await AssertInvalidAsync(
            "reason", "reason_required", () => Links.RenewAsync(Host.Admin, sara.StaffId.Value, " ", Cancellation));
        var link = await Links.RenewAsync(Host.Admin, sara.StaffId.Value, "La olvidó", Cancellation);
        Assert.Equal(CredentialOutcome.Accepted, await SignInAsync(email, CoreHost.AdminPassword));
        Assert.Equal(1, (await DetailsAsync(sara.StaffId.Value)).Member.OpenSessions);
        Assert.True((await Welcome.FindAsync(link.Token, Cancellation))!.IsRecovery);

        await Welcome.AcceptAsync(link.Token, Password, null, Cancellation);

        Assert.Equal(CredentialOutcome.Refused, await SignInAsync(email, CoreHost.AdminPassword));
        Assert.Equal(CredentialOutcome.Accepted, await SignInAsync(email, Password));
        Assert.Equal(0, (await DetailsAsync(sara.StaffId.Value)).Member.OpenSessions);
        Assert.Equal("La olvidó", (await RecordAsync("staff.recovery_started")).Reason);
        await RecordAsync("staff.recovered");
        await AssertRefusedAsync(
            "staff_own_account", () => Links.RenewAsync(Host.Admin, Host.Admin.StaffId!.Value, "mía", Cancellation));
    }

    [Fact]
    public async Task Invite_AddressOfAPresentOrFormerMember_NamesThem()
    {
        var email = NewEmail("Única");
        await AssertInvalidAsync(
            "email", "correo_form",
            () => Links.InviteAsync(
            Host.Admin, new InviteStaff("Única", email, Access(StaffRoles.Support)), Cancellation));
        email = NewEmail("unica");
        var link = await Links.InviteAsync(
            Host.Admin, new InviteStaff("Única", email, Access(StaffRoles.Support)), Cancellation);
        var taken = await Assert.ThrowsAsync<InvalidInputException>(
            () => Links.InviteAsync(
            Host.Admin, new InviteStaff("Otra", email.ToUpperInvariant(), Access(StaffRoles.Support)), Cancellation));
        Assert.Equal(new Message("staff_email_taken", "Única"), taken.Errors["email"][0]);

        var (local, domain) = ($"ana.{Guid.NewGuid():n}", "ñandú.pe");
        await Links.InviteAsync(
            Host.Admin, new InviteStaff("Ana Ñandú", $"{local}@{domain}", Access(StaffRoles.Support)), Cancellation);
        await AssertInvalidAsync("email", "staff_email_taken", () => Links.InviteAsync(
            Host.Admin, new InviteStaff("Otra", $"{local}@xn--and-6ma2c.pe", Access(StaffRoles.Support)),
            Cancellation));

        await Changes.DisableAsync(Host.Admin, link.StaffId, "Se fue", Cancellation);

        await AssertInvalidAsync(
            "email", "staff_email_taken_disabled",
            () => Links.InviteAsync(
            Host.Admin, new InviteStaff("Otra", email, Access(StaffRoles.Support)), Cancellation));
        Assert.Null(await Welcome.FindAsync(link.Token, Cancellation));
        await AssertRefusedAsync("staff_disabled", () => Links.RenewAsync(Host.Admin, link.StaffId, "x", Cancellation));
    }

    [Theory]
    [InlineData("", "a@b.pe", "full_name", "staff_name_required")]
    [InlineData("Ana\u202e", "a@b.pe", "full_name", "text_forbidden_character")]
    [InlineData("Ana", "", "email", "correo_required")]
    [InlineData("Ana", "no-es-correo", "email", "correo_form")]
    public async Task Invite_InvalidInput_NamesTheField(string name, string email, string field, string code) =>
        await AssertInvalidAsync(
            field, code, () => Links.InviteAsync(
            Host.Admin, new InviteStaff(name, email, Access(StaffRoles.Support)), Cancellation));

    public static TheoryData<StaffAccess, string, string> WrongAccess => new()
    {
        { new StaffAccess([], null, null), "roles", "staff_role_required" },
        { new StaffAccess(["Dios"], null, null), "roles", "staff_role_unknown" },
        { new StaffAccess([StaffRoles.Support], [1], null), "tenant_ids", "staff_scope_auditor_only" },
        { new StaffAccess([StaffRoles.Auditor, StaffRoles.Support], [1], null), "tenant_ids",
            "staff_scope_auditor_only" },
        { new StaffAccess([StaffRoles.Auditor], [], null), "tenant_ids", "staff_scope_empty" },
        { new StaffAccess([StaffRoles.Auditor], [999_999], null), "tenant_ids", "tenant_unknown" },
        { new StaffAccess([StaffRoles.Administrator], null, new DateOnly(2090, 1, 1)), "access_ends_on",
            "staff_end_not_for_administrators" },
        { new StaffAccess([StaffRoles.Auditor], null, new DateOnly(2020, 1, 1)), "access_ends_on", "staff_end_past" },
        { new StaffAccess([StaffRoles.Auditor], null, DateOnly.MaxValue), "access_ends_on", "staff_end_past" },
    };

    [Theory]
    [MemberData(nameof(WrongAccess))]
    public async Task Invite_InvalidAccess_NamesTheField(StaffAccess access, string field, string code)
    {
        var email = NewEmail("imposible");
        await AssertInvalidAsync(
            field, code, () => Links.InviteAsync(
            Host.Admin, new InviteStaff("Imposible", email, access), Cancellation));
        Assert.DoesNotContain(
            await Host.Get<StaffDirectory>().ListAsync(Host.Admin, Cancellation), s => s.Email == email);
    }
}
