using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Staff.Decisions;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Staff.Team;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Staff.Decisions;

/// <summary>
/// One administrator can't sign as another. Links go by mail, another administrator approves, and the approval of an
/// account does not count for a person who had a part in that account.
/// </summary>
public sealed partial class SecondPersonTests(PostgresServer server) : AdministratorsTestBase(server)
{
    private readonly int _port = MailServer.FreePort();

    private static Uri Base => new("https://portal.vigia.test");

    [Fact]
    public async Task Attack_ThroughAnAccountOneRecovered_FailsAtEachStep()
    {
        await using var mail = MailServer.Start(_port);
        var (ana, benito, carla) =
            (Host.Admin, await AdministratorAsync("Benito Segundo"), await AdministratorAsync("Carla Tercera"));
        var email = (await DetailsAsync(benito.StaffId!.Value)).Member.Email;
        var (_, deletion) = await AskToDeleteAsync(ana, await ReadyAsync(NewName("ataque")));

        // The recovery of Benito's account is a request that Ana can't approve. Nothing changes and no link exists.
        var outcome = await Links.RenewAsync(
            ana, benito.StaffId!.Value, "Dice que la olvidó", CoreHost.AdminPassword, Cancellation);
        Assert.Null(outcome.Link);
        Assert.Null(outcome.Asked!.EffectiveAt);
        await AssertRefusedAsync("approval_own", () => ApproveAsync(ana, outcome.Asked.Id));
        await AssertRefusedAsync("approval_not_cancellable", () => InScopeAsync<ApprovalService, bool>(async s =>
        {
            await s.CancelAsync(carla, outcome.Asked.Id, Cancellation);
            return true;
        }));
        Assert.Equal(0L, await Host.ScalarAsync<long>(
            Host.Master.Database,
            $"SELECT count(*) FROM portal.staff_invitations WHERE staff_id = '{benito.StaffId}'"));

        // Carla is deceived and approves. The link goes only to Benito's address.
        await ApproveAsync(carla, outcome.Asked.Id);
        await AssertRefusedAsync(
            "staff_link_over", () => Links.ShowAsync(ana, outcome.Asked.Id, CoreHost.AdminPassword, Cancellation));
        var sent = await MailToAsync(mail, email);
        var token = Token().Match(sent.TextBody!).Groups[1].Value;
        Assert.StartsWith($"{Base}cuenta/invitacion?token={token}", Regex.Match(sent.TextBody!, "https://\\S+").Value,
            StringComparison.Ordinal);
        Assert.Equal(0L, await Host.ScalarAsync<long>(
            Host.Master.Database,
            $"""
            SELECT (SELECT count(*) FROM portal.audit_events e WHERE e::text LIKE '%{token}%')
                + (SELECT count(*) FROM portal.outbox_messages m WHERE m::text LIKE '%{token}%')
            """));

        // Suppose that Ana can read Benito's mail. Benito's approval does not count for Ana's request, nor Ana's for a
        // request of Benito.
        await Welcome.AcceptAsync(token, Password, null, Cancellation);
        await AssertRefusedAsync("approval_dependent", () => ApproveAsync(benito, deletion, Password));
        var (_, theirs) = await AskToDeleteAsync(benito, await ReadyAsync(NewName("espejo")), Password);
        await AssertRefusedAsync("approval_dependent", () => ApproveAsync(ana, theirs));

        // The approval of a third account that was created with Benito's does not count either.
        var third = (await Links.InviteAsync(
            benito, new InviteStaff("Dora Cuarta", NewEmail("dora"), Access(StaffRoles.Administrator)), Password,
            Cancellation)).Asked!;
        await AssertRefusedAsync("approval_dependent", () => ApproveAsync(ana, third.Id));
        await ApproveAsync(carla, third.Id);
        var dora = ActorOf((await ApprovalAsync(third.Id)).StaffId!.Value, "Dora Cuarta");
        await Welcome.AcceptAsync(
            Token().Match((await MailToAsync(mail, StaffRequestContent.Of(third).Email)).TextBody!).Groups[1].Value,
            Password, null, Cancellation);
        await AssertRefusedAsync("approval_dependent", () => ApproveAsync(dora, deletion, Password));

        // Carla had no part in anybody's access.
        await ApproveAsync(carla, deletion);
    }

    [Fact]
    public async Task Recover_AdministratorDemotedOrDisabledFirst_NeedsASecondPerson()
    {
        var (benito, _) = (await AdministratorAsync("Benito Segundo"), await AdministratorAsync("Carla Tercera"));
        var id = benito.StaffId!.Value;
        await Changes.ChangeAccessAsync(Host.Admin, id, Access(StaffRoles.Support), Cancellation);
        Assert.NotNull((await Links.RenewAsync(
            Host.Admin, id, "La olvidó", CoreHost.AdminPassword, Cancellation)).Asked);
        Assert.NotNull((await Changes.ChangeAccessAsync(
            Host.Admin, id, Access(StaffRoles.Administrator), Cancellation)).Asked);
        await Changes.DisableAsync(Host.Admin, id, "Se fue", Cancellation);
        await ExecuteAsync($"UPDATE portal.staff SET two_factor_enabled = true WHERE id = '{id}'");
        Assert.NotNull((await Protection.ResetSecondFactorAsync(Host.Admin, id, "Lo perdió", Cancellation)).Asked);
        Assert.NotNull((await Changes.EnableAsync(Host.Admin, id, Access(StaffRoles.Support), Cancellation)).Asked);
        Assert.Equal(StaffState.Disabled, (await DetailsAsync(id)).Member.State);

        // An account that never had the role of an administrator needs no second person.
        Assert.Null((await Changes.ChangeAccessAsync(
            Host.Admin, Host.Support.StaffId!.Value, Access(StaffRoles.Operator), Cancellation)).Asked);
    }

    [Fact]
    public async Task Decide_RequesterWhoseRolesOneChanged_IsRefused()
    {
        var (benito, carla) = (await AdministratorAsync("Benito Segundo"), await AdministratorAsync("Carla Tercera"));
        await Changes.ChangeAccessAsync(
            Host.Admin, benito.StaffId!.Value, Access(StaffRoles.Administrator, StaffRoles.Operator), Cancellation);
        await Changes.ChangeAccessAsync(
            Host.Admin, carla.StaffId!.Value, Access(StaffRoles.Administrator, StaffRoles.Operator), Cancellation);
        var tenant = await ReadyAsync(NewName("roles"));
        var (operation, approval) = await AskToDeleteAsync(Host.Admin, tenant);
        await AssertRefusedAsync("approval_dependent", () => ApproveAsync(benito, approval));
        Assert.Equal([Host.Admin.StaffId!.Value], await InScopeAsync<ApprovalService, IReadOnlySet<Guid>>(
            s => s.DependentAsync(benito, [Host.Admin.StaffId!.Value, carla.StaffId!.Value], Cancellation)));
        await AssertRefusedAsync(
            "second_person_dependent", () => AskToInviteAsync(Host.Admin, "Nadie", NewEmail("nadie")));
        await CancelAsync(operation);

        // A change of other roles gives no access to an account: people whose roles Ana changed are independent of each
        // other.
        (_, approval) = await AskToDeleteAsync(benito, tenant);
        await ApproveAsync(carla, approval);
        foreach (var sql in new[] { "UPDATE portal.staff_influences SET at = now() - interval '40 days'",
            "DELETE FROM portal.staff_influences", "TRUNCATE portal.staff_influences" })
        {
            Assert.Equal("42501",
                (await Assert.ThrowsAsync<Npgsql.PostgresException>(() => ExecuteAsync(sql))).SqlState);
        }
    }

    [Fact]
    public async Task Confirmation_ForOtherContent_IsRefused()
    {
        await using var mail = MailServer.Start(_port);
        var (email, id) = (NewEmail("xenia"), Host.Support.StaffId!.Value);
        InviteStaff Person(string name, string address, params string[] roles) => new(name, address, Access(roles));
        var right = Person("Xenia", email, StaffRoles.Support);
        foreach (var other in new[] { Person("Xenia", email, StaffRoles.Operator),
            Person("Xenia", NewEmail("yago"), StaffRoles.Support), Person("Yago", email, StaffRoles.Support),
            Person("Xenia", email, StaffRoles.Administrator) })
        {
            await AssertRefusedAsync(
                "confirmation_stale",
                async () => await Links.InviteAsync(
                Host.Admin, other, await ConfirmedAsync(StaffSigned.Invite(right)), Cancellation));
        }

        var outcome = await Links.InviteAsync(
            Host.Admin, right with { FullName = " Xenia " }, await ConfirmedAsync(StaffSigned.Invite(right)),
            Cancellation);
        Assert.Null(outcome.Link!.Token);
        Assert.Equal("passkey", (await RecordAsync("staff.invited")).SignedWith);
        var xenia = outcome.Link.StaffId;
        var operatorAccess = Access(StaffRoles.Operator);
        var (member, shown) = ((await DetailsAsync(id)).Member, Guid.CreateVersion7());
        var gone = (await Host.AddStaffAsync("Gloria Ida", NewEmail("gloria"), StaffRoles.Support)).StaffId!.Value;
        await Changes.DisableAsync(Host.Admin, gone, "Se fue", Cancellation);
        await ExecuteAsync($"""
            UPDATE portal.staff SET two_factor_enabled = true WHERE id = '{id}';
            INSERT INTO portal.approvals (
                id, action, staff_id, requested_by, requested_by_name, requested_at, expires_at, reason, seen, state,
                link_until)
            VALUES ('{shown}', 'staff_link', '{id}', '{Host.Admin.StaffId}', 'Ana', now(), now() + interval '1 day',
                '', '{"{}"}', 'approved', now() + interval '1 day')
            """);
        for (var i = 0; i < new StaffOptions().FailedSignInsPerAccount; i++)
        {
            await SignInAsync(member.Email, "no-es");
        }

        foreach (var (what, act) in new (SignedAction, Func<string, Task>)[]
        {
            (StaffSigned.Access(id, Access(StaffRoles.Support, StaffRoles.Auditor)),
                proof => Changes.ChangeAccessAsync(Host.Admin, id, operatorAccess, proof, Cancellation)),
            (StaffSigned.Access(xenia, operatorAccess),
                proof => Changes.ChangeAccessAsync(Host.Admin, id, operatorAccess, proof, Cancellation)),
            (StaffSigned.Enable(id, operatorAccess),
                proof => Changes.ChangeAccessAsync(Host.Admin, id, operatorAccess, proof, Cancellation)),
            (StaffSigned.Link(xenia, "", "La olvidó"),
                proof => Links.RenewAsync(Host.Admin, id, "La olvidó", proof, Cancellation)),
            (StaffSigned.Unlock(id), proof => Links.RenewAsync(Host.Admin, id, "La olvidó", proof, Cancellation)),
            (StaffSigned.Link(id, member.Email, "Otra razón"),
                proof => Links.RenewAsync(Host.Admin, id, "La olvidó", proof, Cancellation)),
            (StaffSigned.Link(id, email, "La olvidó"),
                proof => Links.RenewAsync(Host.Admin, id, "La olvidó", proof, Cancellation)),
            (StaffSigned.Link(id, member.Email, "Se fue"),
                proof => Changes.DisableAsync(Host.Admin, id, "Se fue", proof, Cancellation)),
            (StaffSigned.Disable(xenia, "Se fue"),
                proof => Changes.DisableAsync(Host.Admin, id, "Se fue", proof, Cancellation)),
            (StaffSigned.Disable(id, "Otra razón"),
                proof => Changes.DisableAsync(Host.Admin, id, "Se fue", proof, Cancellation)),
            (StaffSigned.ResetSecondFactor(xenia, "Lo perdió"),
                proof => Protection.ResetSecondFactorAsync(Host.Admin, id, "Lo perdió", proof, Cancellation)),
            (StaffSigned.ResetSecondFactor(id, "Otra razón"),
                proof => Protection.ResetSecondFactorAsync(Host.Admin, id, "Lo perdió", proof, Cancellation)),
            (StaffSigned.Unlock(xenia), proof => Protection.UnlockAsync(Host.Admin, id, proof, Cancellation)),
            (StaffSigned.Rename(id, "Saúl Otro"),
                proof => Changes.RenameAsync(Host.Admin, id, "Saúl Uno", proof, Cancellation)),
            (StaffSigned.Rename(xenia, "Saúl Uno"),
                proof => Changes.RenameAsync(Host.Admin, id, "Saúl Uno", proof, Cancellation)),
            (StaffSigned.Enable(gone, Access(StaffRoles.Auditor)),
                proof => Changes.EnableAsync(Host.Admin, gone, operatorAccess, proof, Cancellation)),
            (StaffSigned.Access(gone, operatorAccess),
                proof => Changes.EnableAsync(Host.Admin, gone, operatorAccess, proof, Cancellation)),
            (StaffSigned.ShowLink(xenia), proof => Links.ShowAsync(Host.Admin, shown, proof, Cancellation)),
        })
        {
            await AssertRefusedAsync("confirmation_stale", async () => await act(await ConfirmedAsync(what)));
        }

        // A signature needs a proof. A missing proof does not count as an attempt at a password.
        for (var i = 0; i < 6; i++)
        {
            await AssertRefusedAsync(
                "password_wrong", () => Changes.ChangeAccessAsync(Host.Admin, id, operatorAccess, null, Cancellation));
        }

        await Changes.ChangeAccessAsync(
            Host.Admin, id, operatorAccess, await ConfirmedAsync(StaffSigned.Access(id, operatorAccess)), Cancellation);
        await Changes.RenameAsync(
            Host.Admin, id, "Saúl Uno", await ConfirmedAsync(StaffSigned.Rename(id, " Saúl Uno ")), Cancellation);
        await Links.RenewAsync(
            Host.Admin, id, " La olvidó ", await ConfirmedAsync(StaffSigned.Link(id, member.Email, "La olvidó")),
            Cancellation);
        await Eventually.HoldsAsync(
            "their page says that it was sent",
            async () => (await DetailsAsync(id)).Mail is { State: OutboxState.Sent }, Cancellation);
    }

    [Fact]
    public async Task Confirmation_OfADecision_IsBoundToTheRequest()
    {
        var benito = await AdministratorAsync("Benito Segundo");
        var (_, id) = await AskToDeleteAsync(Host.Admin, await ReadyAsync(NewName("pedido")));
        var deletion = await ApprovalAsync(id);
        var team = await ApprovalAsync(
            (await AskToInviteAsync(Host.Admin, "Carla Tercera", NewEmail("carla"))).Asked!.Id);
        foreach (var (approval, other) in new[] { (deletion, team), (team, deletion) })
        {
            var signed = ApprovalService.SignatureOf(approval);
            Assert.InRange(signed.Target.Length, 1, 100);
            Assert.NotEqual(signed, new SignedAction(SignedAction.ApprovalDecide, $"{approval.Id}"));
            await AssertRefusedAsync(
                "confirmation_stale",
                async () => await ApproveAsync(
                benito, approval.Id, await ConfirmedAsync(benito, ApprovalService.SignatureOf(other))));
            var proof = await ConfirmedAsync(benito, signed);
            await ExecuteAsync(
                $"UPDATE portal.approvals SET seen = jsonb_set(seen::jsonb, '{"{FullName}"}', '\"Otra\"') "
                + $"WHERE id = '{approval.Id}'");
            await AssertRefusedAsync("confirmation_stale", () => ApproveAsync(benito, approval.Id, proof));
            await ApproveAsync(benito, approval.Id,
                await ConfirmedAsync(benito, ApprovalService.SignatureOf(await ApprovalAsync(approval.Id))));
        }
    }

    protected override void Configure(IServiceCollection services)
    {
        base.Configure(services);
        services.Configure<MailOptions>(
            mail => (mail.Host, mail.Port, mail.Security, mail.From) =
            ("127.0.0.1", _port, MailSecurity.None, "portal@vigia.test"));
        var settings = (VigiaSettings)services.Single(
            s => s.ServiceType == typeof(VigiaSettings)).ImplementationInstance!;
        services.AddSingleton(settings with { PortalBaseUrl = Base });
    }

    private Task<string> ConfirmedAsync(SignedAction what) => ConfirmedAsync(Host.Admin, what);

    private Task<string> ConfirmedAsync(Actor actor, SignedAction what) =>
        Host.Get<Confirmations>().IssueAsync(actor.StaffId!.Value, what, "passkey", Cancellation);

    private static async Task<MimeKit.MimeMessage> MailToAsync(MailServer mail, string address)
    {
        MimeKit.MimeMessage? found = null;
        await Eventually.HoldsAsync($"a mail to {address}", () =>
        {
            found = mail.Messages.FirstOrDefault(
                m => m.To.Mailboxes.Any(to => string.Equals(to.Address, address, StringComparison.OrdinalIgnoreCase))
                && m.TextBody!.Contains("token=", StringComparison.Ordinal));
            return Task.FromResult(found is not null);
        }, Cancellation);
        return found!;
    }

    [GeneratedRegex("token=([0-9a-f]{64})")]
    private static partial Regex Token();
}

/// <summary>A portal that sends mail and does not know its own address.</summary>
public sealed class WithoutBaseUrlTests(PostgresServer server) : StaffTestBase(server)
{
    protected override void Configure(IServiceCollection services) =>
        services.Configure<MailOptions>(
            mail => (mail.Host, mail.Port, mail.Security, mail.From) =
            ("127.0.0.1", 1, MailSecurity.None, "portal@vigia.test"));

    [Fact]
    public async Task Link_WithMailAndNoBaseUrl_IsRefused() =>
        await AssertRefusedAsync(
            "portal_base_url_needed",
            () => Links.InviteAsync(
            Host.Admin, new InviteStaff("Uno", NewEmail("uno"), Access(StaffRoles.Support)), Cancellation));
}
