using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Audit;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Registry.Audit;

/// <summary>Every change that a superuser makes to the audit trail, bypassing the portal, is detected.</summary>
public sealed class VerifyTests(PostgresServer server) : AuditTestBase(server)
{
    private const int Count = 20;
    private readonly ShiftedTime _time = new();

    protected override bool Workers => false;

    protected override void Configure(IServiceCollection services)
    {
        base.Configure(services);
        services.AddSingleton<TimeProvider>(_time);
    }

    [Fact]
    public async Task Verify_IntactTrail_HoldsAndGivesTheHead()
    {
        var end = await FillAsync();

        var verdict = await VerifyAsync();

        Assert.True(verdict.Holds, $"{verdict.FirstBroken}: {verdict.Why}");
        Assert.Equal((end, end), (verdict.Rows, verdict.Head.Seq));
        Assert.True((await VerifyAsync(verdict.Head)).Holds);
        await Assert.ThrowsAsync<ForbiddenException>(
            () => Host.Get<AuditVerifier>().VerifyAsync(Host.Support, null, null, Cancellation));
    }

    [Fact]
    public async Task Verify_AnyColumnChanged_IsFoundInItsRow()
    {
        var end = await FillAsync();
        await TamperAsync(
            "ALTER TABLE portal.audit_events "
            + "ALTER body DROP NOT NULL, ALTER previous_hash DROP NOT NULL, ALTER hash DROP NOT NULL");
        (string Column, string Value)[] changes =
        [
            ("at", "at + interval '1 microsecond'"),
            ("at", "'20000-01-01'"),
            ("at", "'infinity'"),
            ("actor_id", "gen_random_uuid()"),
            ("actor_id", "NULL"),
            ("actor_name", "'Otra Persona'"),
            ("actor_address", "'10.0.0.1'"),
            ("action", "'test.other'"),
            ("tenant_id", "8"),
            ("ruc", "'20131312955'"),
            ("subdomain", "'otro'"),
            ("before", "'{\"max_usuarios\": 11}'"),
            ("after", "NULL"),
            ("reason", "reason || ' '"),
            ("operation_id", "gen_random_uuid()"),
            ("trace_id", "repeat('0', 32)"),
            ("via", "'nightly'"),
            ("via", "NULL"),
            ("signature_meaning", "'sign_other'"),
            ("signature_meaning", "NULL"),
            ("signed_with", "'passkey'"),
            ("body", "body || ' '"),
            ("body", "replace(body, 'Ana', 'Eva')"),
            ("previous_hash", "decode(repeat('00', 32), 'hex')"),
            ("hash", "decode(repeat('00', 32), 'hex')"),
            ("body", "NULL"),
            ("body", "'not JSON'"),
            ("previous_hash", "NULL"),
            ("hash", "NULL"),
        ];
        foreach (var (column, value) in changes)
        {
            await TamperAsync($"UPDATE portal.audit_events SET {column} = {value} WHERE seq = 7");

            var verdict = await VerifyAsync();
            Assert.True(verdict is { FirstBroken: 7, Why.Code: "audit_row_altered" or "audit_column_altered" },
                $"{column} = {value}: {verdict}");
            await UntouchedAsync();
            Assert.True((await VerifyAsync()).Holds);
        }

        await TamperAsync("ALTER TABLE portal.audit_events RENAME reason TO razon");
        Assert.Equal("audit_unreadable", (await VerifyAsync()).Why?.Code);
        await TamperAsync("ALTER TABLE portal.audit_events RENAME razon TO reason");
        Assert.True((await VerifyAsync()).Holds);

        // With another column type, every record reads as other content or can't be read.
        await TamperAsync("ALTER TABLE portal.audit_events ALTER body TYPE bytea USING convert_to(body, 'UTF8')");
        var all = await VerifyAsync();
        Assert.Equal(("audit_row_altered", end), (all.Why?.Code, all.Broken));
    }

    [Fact]
    public async Task Alarm_NotVerifiedForLong_IsRaisedUntilVerified()
    {
        await AppendAsync(Host);
        Assert.Null(await AlarmAsync());
        for (var round = 0; round < 2; round++)
        {
            // In the first round there was no verification yet. In the second one the last verification is too old.
            _time.Pass(TimeSpan.FromHours(37));
            Assert.Equal(("audit_not_verified", 0L, false), await AlarmAsync());

            await Host.Get<AuditVerifier>().VerifyAsync(Host.Admin, null, null, Cancellation);
            Assert.Null(await AlarmAsync());
        }
    }

    [Fact]
    public async Task Verify_MistypedHead_StoresTheVerdictWithoutIt()
    {
        var end = await FillAsync();
        var hash = new string('0', 64);
        var (mistyped, later) = (new AuditHeadMark(9, hash), new AuditHeadMark(end + 9, hash));
        var verifier = Host.Get<AuditVerifier>();

        var verdict = await verifier.VerifyAsync(Host.Admin, mistyped, null, Cancellation);
        Assert.Equal(
            (1L, (long?)9, "audit_not_the_kept_head"), (verdict.Broken, verdict.FirstBroken, verdict.Why?.Code));
        Assert.Equal(0, await StoredAsync());
        Assert.Null(await AlarmAsync());

        await TamperAsync("UPDATE portal.audit_events SET reason = 'otra' WHERE seq IN (7, 11)");
        verdict = await verifier.VerifyAsync(Host.Admin, mistyped, null, Cancellation);
        Assert.Equal([7, 9, 11], verdict.Findings.Select(finding => finding.Seq));
        Assert.Equal(2, await StoredAsync());
        Assert.Equal(("audit_column_altered", 2L, false), await AlarmAsync());

        // Some records were written since the change was found.
        verdict = await verifier.VerifyAsync(Host.Admin, later, null, Cancellation);
        Assert.Equal("audit_end_missing", verdict.Findings[^1].Why.Code);
        Assert.Equal((later.Seq, 2L), (verdict.LastBroken!.Value, await StoredAsync()));
        Assert.Equal(later.Seq - verdict.Head.Seq, verdict.Broken - 2);
    }

    [Fact]
    public async Task Verify_RowsRemovedOrMoved_IsFoundWhereItBegins()
    {
        await FillAsync();
        (string Sql, long First)[] changes =
        [
            ("DELETE FROM portal.audit_events WHERE seq = 1", 1),
            ("DELETE FROM portal.audit_events WHERE seq = 9", 9),
            ("DELETE FROM portal.audit_events WHERE seq = 9; "
                + "UPDATE portal.audit_events SET seq = seq - 1000 WHERE seq > 9; "
                + "UPDATE portal.audit_events SET seq = seq + 999 WHERE seq < 0", 9),
            ("UPDATE portal.audit_events SET seq = -seq WHERE seq IN (4, 5); "
                + "UPDATE portal.audit_events SET seq = 9 + seq WHERE seq IN (-4, -5)", 4),
            ("TRUNCATE portal.audit_events", 1),
        ];
        foreach (var (sql, first) in changes)
        {
            await TamperAsync(sql);

            Assert.True((await VerifyAsync()).FirstBroken == first, sql);
            await UntouchedAsync();
        }
    }

    [Fact]
    public async Task Verify_EndCutOff_IsFoundByTheStoredAndTheKeptHead()
    {
        var end = await FillAsync();
        var kept = (await VerifyAsync()).Head;
        await TamperAsync($"DELETE FROM portal.audit_events WHERE seq > {end - 3}");
        var cut = await VerifyAsync();
        Assert.Equal((end - 2, "audit_end_missing"), (cut.FirstBroken, cut.Why?.Code));

        Assert.Equal(3, cut.Broken);
        Assert.Equal("audit_end_missing", (await VerifyAsync(kept)).Why?.Code);

        // The head is set back as well, but it is not signed.
        await TamperAsync(
            $"UPDATE portal.audit_head SET seq = {end - 3}, "
            + $"hash = (SELECT hash FROM portal.audit_events WHERE seq = {end - 3})");
        Assert.Equal("audit_head_altered", (await VerifyAsync()).Why?.Code);

        // The portal refuses to continue.
        await AssertRefusedAsync("audit_closed", () => FillAsync());
        Assert.Equal(end - 3,
            await Host.ScalarAsync<long>(Host.Master.Database, "SELECT max(seq) FROM portal.audit_events"));
    }

    [Fact]
    public async Task Verify_SeveralBrokenRecords_CountsAll()
    {
        await FillAsync();
        await TamperAsync(
            "UPDATE portal.audit_events SET reason = 'otra' WHERE seq IN (3, 9); "
            + "UPDATE portal.audit_events SET hash = sha256(hash) WHERE seq = 6; "
            + "DELETE FROM portal.audit_events WHERE seq IN (12, 13, 17)");

        var verdict = await VerifyAsync();

        Assert.Equal((6L, 3L, 17L), (verdict.Broken, verdict.FirstBroken, verdict.LastBroken));
        Assert.Equal(
            ["3 audit_column_altered", "6 audit_row_altered", "9 audit_column_altered", "12 audit_rows_missing",
                "17 audit_row_missing"],
            verdict.Findings.Select(finding => $"{finding.Seq} {finding.Why.Code}"));

        await UntouchedAsync();
        var end = await FillAsync();
        await TamperAsync("UPDATE portal.audit_events SET ruc = NULL");
        var all = await VerifyAsync();
        Assert.Equal((end, AuditVerdict.MaxListed), (all.Broken, all.Findings.Count));
    }

    private async Task<long> StoredAsync() =>
        (await Host.Get<AuditChecks>().LastAsync(Host.Admin, Cancellation))!.Broken;

    // Returns the number of the last record.
    private async Task<long> FillAsync()
    {
        for (var i = 0; i < Count; i++)
        {
            await using var db = await Host.OpenMasterAsync();
            await Host.Get<AuditTrail>()
                .CommitAsync(db, Host.Admin with { Via = "nocturno" }, new AuditEntry("test.happened")
                {
                    TenantId = 7,
                    Ruc = "20100000009",
                    Subdomain = "andinos",
                    Reason = $"número {i}",
                    OperationId = Guid.NewGuid(),
                    SignatureMeaning = "sign_tenant_delete",
                    SignedWith = "password",
                    Before = new Dictionary<string, object?> { ["max_usuarios"] = 10, ["config"] = "{\"ñ\": 1.50}" },
                    After = new Dictionary<string, object?> { ["max_usuarios"] = 15, ["plan"] = null },
                }, Cancellation);
        }

        await PostgresServer.ExecuteAsync(
            Server.SuperuserUrl(Host.Master.Database),
            "DROP TABLE IF EXISTS untouched; CREATE TABLE untouched AS TABLE portal.audit_events", Cancellation);
        return await Host.ScalarAsync<long>(Host.Master.Database, "SELECT max(seq) FROM portal.audit_events");
    }

    private async Task<(string Code, long Broken, bool IsClosed)?> AlarmAsync() =>
        await Host.Get<AuditChecks>().GetAlarmAsync(Host.Admin, Cancellation) is { } alarm
            ? (alarm.Why.Code, alarm.Broken, alarm.IsClosed) : null;

    private Task UntouchedAsync() =>
        TamperAsync("TRUNCATE portal.audit_events; INSERT INTO portal.audit_events TABLE untouched");
}
