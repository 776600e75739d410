using Npgsql;
using Vigia.Core.Audit;
using Vigia.Core.Errors;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Audit;

/// <summary>A superuser who changes the trail behind the portal's back is found out, whatever they change.</summary>
public sealed class VerifyTests(PostgresServer server) : CoreClass(server)
{
    private const int Count = 20;

    protected override bool Workers => false;

    [Fact]
    public async Task Verify_NothingTouched_HoldsAndGivesTheHead()
    {
        var end = await FillAsync();

        var verdict = await VerifyAsync();

        Assert.True(verdict.Holds, $"{verdict.FirstBroken}: {verdict.Why}");
        Assert.Equal((end, end), (verdict.Rows, verdict.Head.Seq));
        Assert.True((await VerifyAsync(verdict.Head)).Holds);
        await Assert.ThrowsAsync<ForbiddenException>(() => Host.Get<AuditVerifier>().VerifyAsync(Host.Support, null, null, Cancellation));
    }

    [Fact]
    public async Task Verify_AnyColumnChanged_IsFoundInItsRow()
    {
        await FillAsync();
        (string Column, string Value)[] changes =
        [
            ("at", "at + interval '1 microsecond'"),
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
        ];
        foreach (var (column, value) in changes)
        {
            await TamperAsync($"UPDATE portal.audit_events SET {column} = {value} WHERE seq = 7");

            var verdict = await VerifyAsync();
            Assert.True(verdict is { FirstBroken: 7, Why.Code: "audit_row_altered" or "audit_column_altered" }, $"{column} = {value}: {verdict}");
            await PutBackAsync();
            Assert.True((await VerifyAsync()).Holds);
        }
    }

    [Fact]
    public async Task Verify_RowsRemovedOrMoved_IsFoundWhereItBegins()
    {
        await FillAsync();
        (string Sql, long First)[] changes =
        [
            ("DELETE FROM portal.audit_events WHERE seq = 1", 1),
            ("DELETE FROM portal.audit_events WHERE seq = 9", 9),
            ("DELETE FROM portal.audit_events WHERE seq = 9; UPDATE portal.audit_events SET seq = seq - 1000 WHERE seq > 9; UPDATE portal.audit_events SET seq = seq + 999 WHERE seq < 0", 9),
            ("UPDATE portal.audit_events SET seq = -seq WHERE seq IN (4, 5); UPDATE portal.audit_events SET seq = 9 + seq WHERE seq IN (-4, -5)", 4),
            ("TRUNCATE portal.audit_events", 1),
        ];
        foreach (var (sql, first) in changes)
        {
            await TamperAsync(sql);

            Assert.True((await VerifyAsync()).FirstBroken == first, sql);
            await PutBackAsync();
        }
    }

    [Fact]
    public async Task Verify_TheEndCutOff_IsFoundAgainstTheHeadAndAgainstAKeptOne()
    {
        var end = await FillAsync();
        var kept = (await VerifyAsync()).Head;
        await TamperAsync($"DELETE FROM portal.audit_events WHERE seq > {end - 3}");
        var cut = await VerifyAsync();
        Assert.Equal((end - 2, "audit_end_missing"), (cut.FirstBroken, cut.Why?.Code));

        // The head put back as well: only what was kept outside knows better.
        await TamperAsync($"UPDATE portal.audit_head SET seq = {end - 3}, hash = (SELECT hash FROM portal.audit_events WHERE seq = {end - 3})");
        Assert.True((await VerifyAsync()).Holds);
        Assert.Equal("audit_end_missing", (await VerifyAsync(kept)).Why?.Code);

        // And work went on as if nothing had happened.
        await FillAsync();
        Assert.True((await VerifyAsync()).Holds);
        var replaced = await VerifyAsync(kept);
        Assert.Equal((kept.Seq, "audit_not_the_kept_head"), (replaced.FirstBroken, replaced.Why?.Code));
    }

    private Task<AuditVerdict> VerifyAsync(AuditHeadMark? kept = null) => Host.Get<AuditVerifier>().VerifyAsync(Host.Admin, kept, null, Cancellation);

    // Returns the place of the last record.
    private async Task<long> FillAsync()
    {
        for (var i = 0; i < Count; i++)
        {
            await using var db = await Host.OpenMasterAsync();
            await Host.Get<AuditTrail>().CommitAsync(db, Host.Admin with { Via = "nocturno" }, new AuditEntry("test.happened")
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

        await PostgresServer.ExecuteAsync(Server.SuperuserUrl(Host.Master.Database), "DROP TABLE IF EXISTS untouched; CREATE TABLE untouched AS TABLE portal.audit_events", Cancellation);
        return await Host.ScalarAsync<long>(Host.Master.Database, "SELECT max(seq) FROM portal.audit_events");
    }

    private Task PutBackAsync() => TamperAsync("TRUNCATE portal.audit_events; INSERT INTO portal.audit_events TABLE untouched");

    // As who owns the server: triggers do not stop them.
    private async Task TamperAsync(string sql)
    {
        await using var connection = await PostgresServer.OpenAsync(Server.SuperuserUrl(Host.Master.Database), Cancellation);
        await using var command = new NpgsqlCommand($"ALTER TABLE portal.audit_events DISABLE TRIGGER ALL; {sql}; ALTER TABLE portal.audit_events ENABLE TRIGGER ALL", connection);
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
