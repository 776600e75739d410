using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.AuditWatch;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.Registry.Audit;

namespace Vigia.Tests.AuditWatch;

/// <summary>
/// Every night the audit trail is verified and its signed head is exported. A trail that does not hold raises an alarm
/// until it holds again.
/// </summary>
public sealed class NightlyAuditTests(PostgresServer server) : AuditTestBase(server)
{
    protected override void Configure(IServiceCollection services)
    {
        base.Configure(services);
        services.Configure<MailOptions>(
            o => (o.Host, o.Port, o.Security, o.From) = ("127.0.0.1", 9, MailSecurity.None, "portal@vigia.test"));
    }

    [Fact]
    public async Task Night_IntactTrail_ExportsASignedHeadThatOpensslVerifies()
    {
        await FillAsync(3);

        var night = await NightAsync();

        Assert.True(night.State == OperationState.Succeeded, $"{night.Error}");
        var head = Path.GetFileNameWithoutExtension(Directory.EnumerateFiles(HeadFolder, "head-*.txt").Single());
        Assert.Equal(["ana@vigia.test"], await RecipientsAsync(AuditHeadExport.MailKind));
        Assert.Null(await Host.Get<AuditChecks>().GetAlarmAsync(Host.Admin, Cancellation));
        var (checkedIt, output) = await ShellAsync(DocumentedCommands(head));
        Assert.True(checkedIt, output);
        Assert.Contains("Verified OK", output, StringComparison.Ordinal);
        Assert.Contains((await VerifyAsync()).Fingerprint!, output, StringComparison.OrdinalIgnoreCase);

        var file = Path.Combine(HeadFolder, head + ".txt");
        await File.WriteAllTextAsync(
            file, (await File.ReadAllTextAsync(file, Cancellation))
            .Replace("seq: ", "seq: 1", StringComparison.Ordinal), Cancellation);
        Assert.False((await ShellAsync(DocumentedCommands(head))).Ended);
    }

    [Fact]
    public async Task Night_AlteredRecord_RaisesAnAlarmUntilTheTrailHolds()
    {
        await FillAsync(3);
        await KeepAsync("good");
        await TamperAsync("UPDATE portal.audit_events SET reason = 'otra' WHERE seq = 2");

        var night = await NightAsync();

        Assert.Equal((OperationState.Failed, "audit_not_held"), (night.State, night.Error?.Code));
        var english = night.Error!.Render(CultureInfo.GetCultureInfo("en"));
        Assert.Contains("The audit trail does not hold: 1 place, the first is 2.", english, StringComparison.Ordinal);
        Assert.Contains(night.Error.Parts.Single().Render(CultureInfo.GetCultureInfo("en")), english,
            StringComparison.Ordinal);
        Assert.All(night.Error.Args, arg => Assert.True(long.TryParse(arg, out _), arg));
        var alarm = await Host.Get<AuditChecks>().GetAlarmAsync(Host.Admin, Cancellation);
        Assert.Equal(alarm?.Why, night.Error.Parts.Single());
        Assert.Equal(("audit_column_altered", 1L, false), (alarm!.Why.Code, alarm.Broken, alarm.IsClosed));
        Assert.Equal(["ana@vigia.test"], await RecipientsAsync(AuditAlarmMails.MailKind));
        Assert.Equal(1L, await CountAsync("audit_events WHERE action = 'audit.broken'"));

        // The head itself holds, so it is exported anyway.
        Assert.Single(Directory.EnumerateFiles(HeadFolder, "head-*.txt"));
        await TamperAsync("UPDATE portal.audit_events SET reason = 'una de tantas' WHERE seq = 2");
        await Host.Get<OperationService>().RetryAsync(Host.Admin, night.Id, Cancellation);
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(night.Id)).State);
        Assert.Null(await Host.Get<AuditChecks>().GetAlarmAsync(Host.Admin, Cancellation));
        Assert.Equal(1L, await CountAsync("audit_events WHERE action = 'audit.holds_again'"));
    }

    [Fact]
    public async Task Night_UnreadableTrail_RaisesAnAlarm()
    {
        await FillAsync(3);
        (string Sql, string Code)[] ways =
        [
            ("UPDATE portal.audit_events SET at = '20000-01-01' WHERE seq = 2", "audit_row_altered"),
            ("ALTER TABLE portal.audit_events RENAME reason TO razon", "audit_unreadable"),
        ];
        foreach (var (sql, code) in ways)
        {
            await SuperuserAsync("TRUNCATE portal.outbox_messages");
            await TamperAsync(sql);

            var night = await NightAsync();

            Assert.Equal((OperationState.Failed, "audit_not_held"), (night.State, night.Error?.Code));
            Assert.Equal(code, (await Host.Get<AuditChecks>().GetAlarmAsync(Host.Admin, Cancellation))?.Why.Code);
            Assert.Equal(["ana@vigia.test"], await RecipientsAsync(AuditAlarmMails.MailKind));
        }
    }

    [Fact]
    public async Task Watcher_KeysRemoved_QueuesAVerificationAndWorkWaits()
    {
        await FillAsync(3);
        await TamperAsync("UPDATE portal.audit_head SET wrapped_key = NULL");

        await Host.Get<AuditWatcher>().CheckAsync(Cancellation);

        await Eventually.HoldsAsync(
            "the verification fails",
            async () => await CountAsync("operations WHERE kind = 'verify_audit' AND state = 'failed'") == 1,
            Cancellation, TimeSpan.FromSeconds(60));
        Assert.True((await Host.Get<AuditChecks>().GetAlarmAsync(Host.Admin, Cancellation))!.IsClosed);
        Assert.Equal(["ana@vigia.test"], await RecipientsAsync(AuditAlarmMails.MailKind));
        Assert.Empty(Directory.Exists(HeadFolder) ? Directory.EnumerateFiles(HeadFolder) : []);
        await AssertRefusedAsync("audit_closed", () => RegisterAsync(NewName("cerrado")));
        Assert.Equal(0L, await CountAsync("audit_events WHERE action = 'tenant.created'"));

        await Host.Get<AuditChains>().BeginAsync("Se perdieron las claves", null, Cancellation);
        Assert.Equal(OperationState.Succeeded, (await NightAsync()).State);
        Assert.Null(await Host.Get<AuditChecks>().GetAlarmAsync(Host.Admin, Cancellation));
        await RegisterAsync(NewName("abierto"));
    }

    [Fact]
    public async Task Operation_TrailClosesInTheMiddle_WaitsAndContinuesAfterwards()
    {
        await using var gate = await StepGate.CloseAsync(Host, "isolate");
        var registered = await Host.Get<TenantRegistration>()
            .RegisterAsync(Host.Admin, Request(NewName("espera"), r => r with { Provision = true }), Cancellation);
        await gate.ReachedAsync();
        await KeepAsync("open");
        await SuperuserAsync("UPDATE portal.audit_head SET signature = NULL");
        await gate.OpenAsync();

        var waiting = await Host.EndOfAsync(registered.OperationId!.Value);

        Assert.Equal((OperationState.Waiting, "audit_closed"), (waiting.State, waiting.Error?.Code));
        await SuperuserAsync("UPDATE portal.audit_head SET signature = (SELECT signature FROM open_head)");
        await Host.Get<OperationService>().RetryAsync(Host.Admin, waiting.Id, Cancellation);
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(waiting.Id)).State);
    }

    private async Task<Operation> NightAsync()
    {
        await using var db = await Host.OpenMasterAsync();
        var operation = Host.Get<OperationQueue>()
            .Enqueue(db, Actor.System, VerifyAudit.KindName, (OperationTarget?)null, null, OperationQueue.Background);
        await db.SaveChangesAsync(Cancellation);
        return await Host.EndOfAsync(operation.Id);
    }

    private Task<long> CountAsync(string what) =>
        Host.ScalarAsync<long>(Host.Master.Database, $"SELECT count(*) FROM portal.{what}");

    private async Task<IReadOnlyList<string>> RecipientsAsync(string kind)
    {
        await using var db = await Host.OpenMasterAsync();
        return [.. db.Set<OutboxMessage>().Where(m => m.Kind == kind).Select(m => m.Recipient)];
    }

    // The commands from docs/operate.md, with the name of this head.
    private static string DocumentedCommands(string head, [CallerFilePath] string here = "")
    {
        var guide = File.ReadAllLines(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "docs", "operate.md"));
        var commands = guide.Select(line => line.Trim())
            .Where(line => line.StartsWith("openssl ", StringComparison.Ordinal)).ToList();
        Assert.True(commands.Count >= 2, "the guide has the commands");
        return string.Join(" && ", commands).Replace("head-0001-000000000123", head, StringComparison.Ordinal);
    }

    private async Task<(bool Ended, string Output)> ShellAsync(string commands)
    {
        using var shell = Process.Start(
            new ProcessStartInfo(
            "/bin/sh", ["-c", commands])
            {
                WorkingDirectory = HeadFolder, RedirectStandardOutput = true,
                RedirectStandardError = true
            })!;
        var output = await shell.StandardOutput.ReadToEndAsync(Cancellation)
            + await shell.StandardError.ReadToEndAsync(Cancellation);
        await shell.WaitForExitAsync(Cancellation);
        return (shell.ExitCode == 0, output);
    }
}
