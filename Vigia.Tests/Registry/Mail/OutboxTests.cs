using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Registry.Mail;

/// <summary>Invitations by mail, through a real SMTP server in this process.</summary>
public sealed partial class OutboxTests(PostgresServer server) : CoreTestBase(server)
{
    private readonly int _port = MailServer.FreePort();

    protected override void Configure(IServiceCollection services) => services.Configure<MailOptions>(mail =>
        (mail.Host, mail.Port, mail.Security, mail.From) =
            ("127.0.0.1", _port, MailSecurity.None, "portal@vigia.test"));

    [Fact]
    public async Task Invite_AsSupport_MailsTheLinkWithoutShowingIt()
    {
        await using var mail = MailServer.Start(_port);
        var tenant = await ReadyAsync(NewName("correo"));
        var invitation = await Host.Get<TenantInvitations>().InviteAsync(Host.Support, tenant.Id, new(), Cancellation);
        Assert.Null(invitation.Url);
        Assert.True(invitation.IsMailed);

        var sent = await StateAsync(tenant.Id, OutboxState.Sent);
        var received = Assert.Single(mail.Messages);
        Assert.Equal((tenant.AccessEmail, "portal@vigia.test"),
            (received.To.Mailboxes.Single().Address, received.From.Mailboxes.Single().Address));
        Assert.Contains(tenant.LegalName!, received.Subject, StringComparison.Ordinal);
        var token = Token().Match(received.TextBody!).Groups[1].Value;
        await using var db = await Host.OpenMasterAsync();
        Assert.Equal(SHA256.HashData(Encoding.ASCII.GetBytes(token)),
            (await db.Set<TenantInvitation>().SingleAsync(i => i.TenantId == tenant.Id, Cancellation)).TokenHash);
        Assert.Null(sent.ProtectedBody);
        Assert.NotNull(sent.SentAt);
        Assert.Equal(0L, await Host.ScalarAsync<long>(
            Host.Master.Database, $"SELECT count(*) FROM portal.outbox_messages m WHERE m::text LIKE '%{token}%'"));
    }

    [Fact]
    public async Task Send_ServerDownThenUp_RetriesAndSendsOnce()
    {
        var tenant = await ReadyAsync(NewName("caido"));
        await Host.Get<TenantInvitations>().InviteAsync(Host.Admin, tenant.Id, new(), Cancellation);
        await Eventually.HoldsAsync(
            "a try has failed", async () => (await LastAsync(tenant.Id)).Error is not null, Cancellation);
        var waiting = await LastAsync(tenant.Id);
        Assert.Equal((OutboxState.Pending, "mail_not_sent"), (waiting.State, waiting.Error!.Code));
        Assert.DoesNotContain("token=", waiting.ProtectedBody!, StringComparison.Ordinal);
        Assert.True(waiting.NotBefore > waiting.CreatedAt.AddSeconds(25), "it backs off");

        // The tenant's open page shows that it was sent.
        var changes = new ConcurrentQueue<string>();
        await using var listener = await PostgresServer.OpenAsync(Host.Master, Cancellation);
        listener.Notification += (_, change) => changes.Enqueue(change.Payload);
        await using var listen = new NpgsqlCommand("LISTEN vigia_tenants", listener);
        await listen.ExecuteNonQueryAsync(Cancellation);

        await using var mail = MailServer.Start(_port);
        await PostgresServer.ExecuteAsync(
            Host.Master, "UPDATE portal.outbox_messages SET not_before = now()", Cancellation);
        Assert.True((await StateAsync(tenant.Id, OutboxState.Sent)).Attempts >= 2);
        await listen.ExecuteNonQueryAsync(Cancellation);
        Assert.Contains($"{tenant.Id}", changes);
        Assert.Single(mail.Messages);
    }

    [Fact]
    public async Task Send_RefusedPermanently_FailsWithTheReason()
    {
        await using var mail = MailServer.Start(_port);
        var tenant = await ReadyAsync(NewName("rechazado"));
        var seen = TenantDetails.Of(tenant);
        await using (var scope = Host.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<TenantEditing>()
                .UpdateAsync(Host.Admin, tenant.Id, seen, seen with { AccessEmail = MailServer.RefusedAddress },
                Cancellation);
        }

        await Host.Get<TenantInvitations>().InviteAsync(Host.Admin, tenant.Id, new(), Cancellation);
        var failed = await StateAsync(tenant.Id, OutboxState.Failed);
        Assert.Equal(("mail_refused", 1), (failed.Error!.Code, failed.Attempts));
        Assert.Null(failed.ProtectedBody);
        Assert.Empty(mail.Messages);
    }

    [Fact]
    public async Task Invite_AgainBeforeSending_SendsOnlyTheNewLink()
    {
        var tenant = await ReadyAsync(NewName("doble"));
        await Host.Get<TenantInvitations>().InviteAsync(Host.Admin, tenant.Id, new(), Cancellation);
        await Eventually.HoldsAsync(
            "the first try has failed", async () => (await LastAsync(tenant.Id)).Error is not null, Cancellation);
        var second = await Host.Get<TenantInvitations>().RevealAsync(Host.Admin, tenant.Id, Cancellation);

        await using var mail = MailServer.Start(_port);
        await PostgresServer.ExecuteAsync(
            Host.Master, "UPDATE portal.outbox_messages SET not_before = now()", Cancellation);
        await StateAsync(tenant.Id, OutboxState.Sent);
        Assert.Contains(second.Url!, Assert.Single(mail.Messages).TextBody, StringComparison.Ordinal);
        await using var db = await Host.OpenMasterAsync();
        Assert.Equal([OutboxState.Superseded, OutboxState.Sent],
            await db.Set<OutboxMessage>().OrderBy(m => m.CreatedAt).Select(m => m.State).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task Send_AfterTheLinkExpired_IsNotSent()
    {
        var tenant = await ReadyAsync(NewName("tarde"));
        await Host.Get<TenantInvitations>().InviteAsync(Host.Admin, tenant.Id, new(), Cancellation);
        await using var mail = MailServer.Start(_port);
        await PostgresServer.ExecuteAsync(
            Host.Master,
            "UPDATE portal.outbox_messages SET not_before = now(), expires_at = now() - interval '1 second' "
            + "WHERE state = 'pending'", Cancellation);
        var failed = await StateAsync(tenant.Id, OutboxState.Failed);
        Assert.Equal("mail_expired", failed.Error!.Code);
        Assert.Empty(mail.Messages);
    }

    [Fact]
    public async Task Send_ByManyWorkers_SendsEachOnce()
    {
        await using var mail = MailServer.Start(_port);
        await using (var db = await Host.OpenMasterAsync())
        {
            for (var i = 0; i < 40; i++)
            {
                Host.Get<Outbox>().Add(
                    db, new OutgoingMail("prueba", $"persona{i}@vigia.test", "Aviso", $"Texto {i}",
                    DateTimeOffset.UtcNow.AddHours(1)), null, null);
            }

            await db.SaveChangesAsync(Cancellation);
        }

        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            while (await Host.Get<MailSender>().SendOneAsync(Cancellation))
            {
            }
        })));
        await Eventually.HoldsAsync("all are there", () => Task.FromResult(mail.Messages.Count >= 40), Cancellation);
        Assert.Equal(40, mail.Messages.Select(m => m.To.ToString()).Distinct().Count());
        Assert.Equal(40, mail.Messages.Count);
    }

    [Fact]
    public async Task Invite_AddressChangedSinceTheLastUse_NeedsASignature()
    {
        var tenant = await ReadyAsync(NewName("mudado"));
        var invitations = Host.Get<TenantInvitations>();
        await invitations.InviteAsync(Host.Support, tenant.Id, new(), Cancellation);
        await PostgresServer.ExecuteAsync(
            Host.Master, "UPDATE portal.tenant_invitations SET used_at = now()", Cancellation);
        await invitations.InviteAsync(Host.Support, tenant.Id, "La olvidó", Cancellation);
        var seen = TenantDetails.Of(tenant);
        await using (var scope = Host.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<TenantEditing>()
                .UpdateAsync(Host.Admin, tenant.Id, seen, seen with { AccessEmail = "otra@persona.pe" }, Cancellation);
        }

        Assert.True(await invitations.NeedsSignatureAsync(Host.Support, tenant.Id, Cancellation));
        await AssertRefusedAsync(
            "invitation_needs_signature",
            () => invitations.InviteAsync(Host.Support, tenant.Id, "La olvidó", Cancellation));
        await AssertRefusedAsync(
            "invitation_needs_signature",
            () => invitations.InviteAsync(
            Host.Support with { Via = "API" }, tenant.Id, new NewInvitation("La olvidó", CoreHost.AdminPassword),
            Cancellation));
        await AssertRefusedAsync(
            "password_wrong", () =>
            invitations.InviteAsync(Host.Support, tenant.Id, new NewInvitation("La olvidó", "no-es"), Cancellation));

        // The page was opened before the address changed.
        var signed = new NewInvitation("La olvidó", CoreHost.AdminPassword, tenant.AccessEmail);
        await AssertRefusedAsync(
            "invitation_address_changed", () =>
            invitations.InviteAsync(Host.Support, tenant.Id, signed, Cancellation));
        await AssertRefusedAsync(
            "invitation_address_changed", () =>
            invitations.RevealAsync(Host.Admin, tenant.Id, signed, Cancellation));
        Assert.Equal("otra@persona.pe",
            (await invitations.InviteAsync(
            Host.Support, tenant.Id, signed with { Address = "otra@persona.pe" }, Cancellation)).SentTo);
    }

    [Fact]
    public async Task Invite_AddressChangedWhileSigning_IsRefused()
    {
        await using var mail = MailServer.Start(_port);
        var tenant = await ReadyAsync(NewName("otro-correo"));
        await using var db = await Host.OpenMasterAsync();
        await using var edit = await db.Database.BeginTransactionAsync(Cancellation);
        await db.Database.ExecuteSqlAsync(
            $"UPDATE clientes_saas SET correo_acceso = 'otra@persona.pe' WHERE id = {tenant.Id}", Cancellation);

        // By the time that it waits for the row, it has read the old address.
        var invited = Host.Get<TenantInvitations>().InviteAsync(Host.Support, tenant.Id, new(), Cancellation);
        await Eventually.HoldsAsync(
            "it waits for the row", async () => await Host.ScalarAsync<long>(Host.Master.Database, """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%clientes_saas%FOR UPDATE%'
            """) == 1, Cancellation);
        await edit.CommitAsync(Cancellation);

        await AssertRefusedAsync("invitation_address_changed", () => invited);
        Assert.Empty(mail.Messages);
        Assert.Equal(0, await RecordsAsync(tenant.Id, "tenant.invited"));
    }

    [Fact]
    public async Task Send_RowAltered_SendsNothingButARedirectIsSent()
    {
        var tenants = new List<Tenant>();
        foreach (var stem in new[] { "redirigido", "desviado", "cambiado-a", "cambiado-b" })
        {
            tenants.Add(await ReadyAsync(NewName(stem)));
            await Host.Get<TenantInvitations>().InviteAsync(Host.Admin, tenants[^1].Id, new(), Cancellation);
        }

        await Eventually.HoldsAsync("all tries have failed", async () =>
        {
            var last = await Task.WhenAll(tenants.Select(tenant => LastAsync(tenant.Id)));
            return last.All(message => message.Error is not null);
        }, Cancellation);

        var (good, diverted, one, two) = (tenants[0], tenants[1], tenants[2], tenants[3]);
        // Mails about the same tenant that are for others, whatever their kind, keep their address.
        string[] others = [Outbox.StaffLink, Outbox.StaffNotice, "isolation_broken"];
        await using (var db = await Host.OpenMasterAsync())
        {
            foreach (var kind in others)
            {
                Host.Get<Outbox>().Add(
                    db, new OutgoingMail(kind, $"{kind}@portal.pe", "Aviso", "Para otra persona",
                    DateTimeOffset.UtcNow.AddHours(1)), good.Id, null);
            }

            await db.SaveChangesAsync(Cancellation);
        }

        var seen = TenantDetails.Of(good);
        await using (var scope = Host.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<TenantEditing>()
                .UpdateAsync(Host.Admin, good.Id, seen, seen with { AccessEmail = "nueva@persona.pe" }, Cancellation);
        }

        await PostgresServer.ExecuteAsync(Host.Master, $"""
            UPDATE portal.outbox_messages SET recipient = 'intruso@otra.pe' WHERE tenant_id = {diverted.Id};
            UPDATE portal.outbox_messages m SET protected_body = o.protected_body FROM portal.outbox_messages o
            WHERE (m.tenant_id, o.tenant_id) IN (({one.Id}, {two.Id}), ({two.Id}, {one.Id}));
            """, Cancellation);
        await using var mail = MailServer.Start(_port);
        await PostgresServer.ExecuteAsync(
            Host.Master, "UPDATE portal.outbox_messages SET not_before = now()", Cancellation);
        foreach (var altered in new[] { diverted, one, two })
        {
            var failed = await StateAsync(altered.Id, OutboxState.Failed);
            Assert.Equal(("mail_altered", null), (failed.Error!.Code, failed.ProtectedBody));
        }

        await StateAsync(good.Id, OutboxState.Sent);
        await Eventually.HoldsAsync(
            "all are there", () => Task.FromResult(mail.Messages.Count > others.Length), Cancellation);
        var recipients = mail.Messages.ToDictionary(received => received.To.Mailboxes.Single().Address);
        Assert.Equal(
            others.Select(kind => $"{kind}@portal.pe").Append("nueva@persona.pe").Order(), recipients.Keys.Order());
        Assert.Matches(Token(), recipients["nueva@persona.pe"].TextBody);
    }

    [Fact]
    public void BackOff_EachAttempt_DoublesUpToAnHour()
    {
        Assert.Equal([30, 60, 120, 3600],
            new[] { 1, 2, 3, 20 }.Select(attempts => (int)MailSender.Pause(attempts).TotalSeconds));
    }

    private async Task<OutboxMessage> LastAsync(int tenantId) =>
        (await Host.Get<Outbox>().LastAsync(Host.Admin, tenantId, Outbox.TenantInvitation, Cancellation))!;

    private async Task<OutboxMessage> StateAsync(int tenantId, OutboxState state)
    {
        await Eventually.HoldsAsync(
            $"the mail is {state}", async () => (await LastAsync(tenantId)).State == state, Cancellation);
        return await LastAsync(tenantId);
    }

    [GeneratedRegex("token=([0-9a-f]{64})")]
    private static partial Regex Token();
}

/// <summary>A portal that sends no mail.</summary>
public sealed class WithoutMailTests(PostgresServer server) : CoreTestBase(server)
{
    [Fact]
    public async Task Invite_WithoutMail_ShowsTheLinkForASignature()
    {
        var tenant = await ReadyAsync(NewName("sin-correo"));
        await AssertRefusedAsync(
            "mail_not_configured",
            () => Host.Get<TenantInvitations>().InviteAsync(Host.Support, tenant.Id, new(), Cancellation));
        await AssertRefusedAsync(
            "mail_not_configured",
            () => Host.Get<TenantInvitations>().InviteAsync(Host.Admin, tenant.Id, new(), Cancellation));
        await AssertRefusedAsync(
            "password_wrong", () =>
            Host.Get<TenantInvitations>().RevealAsync(
                Host.Admin, tenant.Id, new NewInvitation(Proof: "no-es"), Cancellation));
        await Assert.ThrowsAsync<ForbiddenException>(
            () => Host.Get<TenantInvitations>().RevealAsync(Host.Support, tenant.Id, Cancellation));
        var invitation = await Host.Get<TenantInvitations>().RevealAsync(Host.Admin, tenant.Id, Cancellation);
        Assert.NotNull(invitation.Url);
        Assert.False(invitation.IsMailed);
        Assert.Null(await Host.Get<Outbox>().LastAsync(Host.Admin, tenant.Id, Outbox.TenantInvitation, Cancellation));
    }
}
