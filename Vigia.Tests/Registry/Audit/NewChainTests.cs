using Microsoft.EntityFrameworkCore;
using Vigia.Core.Registry.Audit;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Registry.Audit;

/// <summary>
/// Only the console can replace a chain that was tampered with by a new one. The earlier records stay unchanged.
/// </summary>
public sealed class NewChainTests(PostgresServer server) : AuditTestBase(server)
{
    protected override bool Workers => false;

    [Fact]
    public async Task Begin_KeysMissing_SealsTheRecordsAndNamesTheLastHead()
    {
        await FillAsync(5);
        var exported = await ExportAsync();
        var end = await FillAsync(5);
        await TamperAsync("UPDATE portal.audit_head SET wrapped_key = NULL");
        await AssertRefusedAsync("audit_closed", () => AppendAsync(Host));

        var done = await PortalProcess.RunAsync(
            ["begin-audit-chain", "--reason", "Se perdieron las claves"],
            new Dictionary<string, string>
            {
                ["MASTER_DATABASE_URL"] = Host.Master.ToTextWithPassword(), ["SECRET_KEY"] = CoreHost.Secret,
                ["Audit__HeadFolder"] = HeadFolder
            }, Cancellation);

        Assert.True(done.ExitCode == 0, done.Error);
        Assert.Contains($"Chain 2 begins with record {end + 1} and seals the {end} record(s) before it", done.Output,
            StringComparison.Ordinal);
        await using var db = await Host.OpenMasterAsync();
        var begun = await db.Set<AuditEvent>().AsNoTracking()
            .SingleAsync(e => e.Action == "audit.chain_begun", Cancellation);
        Assert.Equal((end + 1, "Se perdieron las claves", "console"), (begun.Seq, begun.Reason, begun.Via));
        Assert.Contains($"\"last_exported_head\": \"{exported!.Mark}\"", begun.After, StringComparison.Ordinal);
        Assert.Contains("\"exported_head_holds\": true", begun.After, StringComparison.Ordinal);
        Assert.Contains("\"code\": \"audit_key_missing\"", begun.Before, StringComparison.Ordinal);

        // The running portal continues the new chain.
        await AppendAsync(Host);
        var verdict = await VerifyAsync();
        Assert.True(verdict.Holds, string.Join(", ", verdict.Findings));
        Assert.Equal(end + 2, verdict.Rows);

        foreach (var sql in new[] { "UPDATE portal.audit_events SET reason = 'otra' WHERE seq = 4",
            "DELETE FROM portal.audit_events WHERE seq = 4" })
        {
            await KeepAsync("sealed");
            await TamperAsync(sql);
            Assert.Equal("audit_sealed_altered", (await VerifyAsync()).Why?.Code);
            await PutBackAsync("sealed");
            await SuperuserAsync("DROP TABLE sealed_events, sealed_head, sealed_keys");
        }

        Assert.True((await VerifyAsync()).Holds);
    }

    [Fact]
    public async Task Begin_EndWasCut_ReusesNoNumber()
    {
        var end = await FillAsync(10);
        var exported = await ExportAsync();
        await KeepAsync("before");
        await TamperAsync($"DELETE FROM portal.audit_events WHERE seq > {end - 4}");
        Assert.Equal(end, exported!.Mark.Seq);

        var begun = await Host.Get<AuditChains>().BeginAsync("Se cortó el final", null, Cancellation);

        Assert.Equal((2, end + 1, end - 4), (begun.Chain, begun.FirstSeq, begun.SealedRows));
        Assert.Equal("false",
            await Host.ScalarAsync<string>(
            Host.Master.Database,
            "SELECT after->>'exported_head_holds' FROM portal.audit_events WHERE action = 'audit.chain_begun'"));
        var verdict = await VerifyAsync();
        Assert.True(verdict.Holds, string.Join(", ", verdict.Findings));

        // The earlier chain is restored, with its own head and keys.
        await PutBackAsync("before");
        Assert.Contains((await VerifyAsync()).Findings,
            f => f.Why.Code is "audit_rolled_back" or "audit_chain_replaced");
        await AssertRefusedAsync("audit_closed", () => AppendAsync(Host));
    }

    [Fact]
    public async Task Begin_HeadMissingAndRecordUnreadable_SealsItAsItIs()
    {
        var end = await FillAsync(5);
        await TamperAsync(
            "ALTER TABLE portal.audit_events ALTER body DROP NOT NULL; "
            + "UPDATE portal.audit_events SET at = '20000-01-01', body = NULL WHERE seq = 2; "
            + "DELETE FROM portal.audit_head");

        var begun = await Host.Get<AuditChains>().BeginAsync("La cabeza desapareció", null, Cancellation);

        Assert.Equal((2, end + 1, end), (begun.Chain, begun.FirstSeq, begun.SealedRows));
        await AppendAsync(Host);
        var verdict = await VerifyAsync();
        Assert.True(verdict.Holds, string.Join(", ", verdict.Findings));
        await TamperAsync("UPDATE portal.audit_events SET at = now() WHERE seq = 2");
        Assert.Equal("audit_sealed_altered", (await VerifyAsync()).Why?.Code);
    }

    [Fact]
    public async Task Begin_WithoutAReason_IsRefused()
    {
        var environment = new Dictionary<string, string>
        { ["MASTER_DATABASE_URL"] = Host.Master.ToTextWithPassword(), ["SECRET_KEY"] = CoreHost.Secret };

        var refused = await PortalProcess.RunAsync(["begin-audit-chain"], environment, Cancellation);

        Assert.Equal(78, refused.ExitCode);
        Assert.Contains("--reason", refused.Error, StringComparison.Ordinal);
        Assert.Equal(1L, await Host.ScalarAsync<long>(
            Host.Master.Database, "SELECT chain::bigint FROM portal.audit_head"));
    }
}
