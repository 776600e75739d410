using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Secrets;
using Vigia.Core.Registry.Audit;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Registry.Audit;

/// <summary>
/// The owner of the database has every row and every earlier head, and forges the trail. Each forgery is found.
/// </summary>
public sealed class ForgeryTests(PostgresServer server) : AuditTestBase(server)
{
    private const string LooksNew =
        "TRUNCATE portal.audit_events; "
        + "UPDATE portal.audit_head SET seq = 0, hash = decode(repeat('00', 32), 'hex'), chain = 0, "
        + "wrapped_key = NULL, wrapped_signing_key = NULL; "
        + "UPDATE portal.instance SET location = NULL, master_id = gen_random_uuid()";

    protected override bool Workers => false;

    [Fact]
    public async Task Forgery_ByTheOwnerWithoutTheSecret_IsFoundAndClosesTheTrail()
    {
        await FillAsync(10);
        await KeepAsync("early");
        var end = await FillAsync(10);
        await ExportAsync();
        await KeepAsync("late");
        await using var other = await CoreHost.StartAsync(Server, workers: false, hasOwnKeys: true);
        await AppendAsync(other);
        await CopyHeadAsync(other);
        (string What, string Sql, string Found)[] forgeries =
        [
            ("the end cut off", $"DELETE FROM portal.audit_events WHERE seq > {end - 3}", "audit_end_missing"),
            ("the end cut off, its hash copied into the head",
                $"DELETE FROM portal.audit_events WHERE seq > {end - 3}; UPDATE portal.audit_head "
                + $"SET (seq, hash, at) = (SELECT seq, hash, at FROM portal.audit_events WHERE seq = {end - 3})",
                "audit_head_altered"),
            ("an old head and its rows",
                "TRUNCATE portal.audit_events, portal.audit_head; INSERT INTO portal.audit_events TABLE early_events; "
                + "INSERT INTO portal.audit_head TABLE early_head", "audit_rolled_back"),
            ("an old head alone", "TRUNCATE portal.audit_head; INSERT INTO portal.audit_head TABLE early_head",
                "audit_rolled_back"),
            ("the last record replaced",
                "UPDATE portal.audit_events SET body = replace(body, 'Ana', 'Eva'), actor_name = 'Eva', "
                + $"hash = sha256(convert_to(body, 'UTF8')) WHERE seq = {end}; UPDATE portal.audit_head "
                + $"SET hash = (SELECT hash FROM portal.audit_events WHERE seq = {end})", "audit_row_altered"),
            ("the keys nulled", "UPDATE portal.audit_head SET wrapped_key = NULL, wrapped_signing_key = NULL",
                "audit_key_missing"),
            ("the chain's key nulled", "UPDATE portal.audit_head SET wrapped_key = NULL", "audit_key_missing"),
            ("the signing key nulled", "UPDATE portal.audit_head SET wrapped_signing_key = NULL", "audit_key_missing"),
            ("the signature nulled", "UPDATE portal.audit_head SET signature = NULL", "audit_head_altered"),
            ("the two keys swapped",
                "UPDATE portal.audit_head SET wrapped_key = wrapped_signing_key, wrapped_signing_key = wrapped_key",
                "audit_key_not_opened"),
            ("the chain's key replaced by no key", "UPDATE portal.audit_head SET wrapped_key = 'CfDJ8forged'",
                "audit_key_not_opened"),
            ("another portal's keys",
                "UPDATE portal.audit_head SET (wrapped_key, wrapped_signing_key, public_key) = "
                + "(SELECT wrapped_key, wrapped_signing_key, public_key FROM other_head)", "audit_key_not_opened"),
            ("another portal's head", "TRUNCATE portal.audit_head; INSERT INTO portal.audit_head TABLE other_head",
                "audit_chain_replaced"),
            ("another number for the chain", "UPDATE portal.audit_head SET chain = 2", "audit_key_not_opened"),
            ("a later beginning", "UPDATE portal.audit_head SET first_seq = 15", "audit_head_altered"),
            ("the head gone", "DELETE FROM portal.audit_head", "audit_head_altered"),
            ("a head that can't be read", "UPDATE portal.audit_head SET at = '20000-01-01'", "audit_head_altered"),
            ("a signature that is none", "UPDATE portal.audit_head SET signature = '\\x30'", "audit_head_altered"),
            ("two heads",
                "ALTER TABLE portal.audit_head DROP CONSTRAINT pk_audit_head; "
                + "INSERT INTO portal.audit_head TABLE portal.audit_head",
                "audit_head_altered"),
            ("everything gone, as in a new master",
                "TRUNCATE portal.audit_events; UPDATE portal.audit_head SET seq = 0, "
                + "hash = decode(repeat('00', 32), 'hex'), chain = 0, wrapped_key = NULL, wrapped_signing_key = NULL, "
                + "signature = NULL", "audit_key_missing"),
        ];
        foreach (var (what, sql, found) in forgeries)
        {
            await TamperAsync(sql);

            var verdict = await VerifyAsync();
            Assert.True(verdict.Findings.Any(f => f.Why.Code == found),
                $"{what}: {string.Join(", ", verdict.Findings)}");
            if (what != "the end cut off")
            {
                // The head itself is forged, so no process appends to it. This includes a process that knows only the
                // exported heads.
                await AssertRefusedAsync("audit_closed", () => AppendAsync(Host));
                var later = new AuditStanding(
                    new SecretKeyRing(CoreHost.Secret, null), Host.Get<AuditHeadFolder>(),
                    NullLogger<AuditStanding>.Instance);
                await using var db = await Host.OpenMasterAsync();
                Assert.True((await later.CheckAsync(db, Cancellation)).Problem is not null, what);
            }

            await PutBackAsync("late");
            Assert.True((await VerifyAsync()).Holds, what);
        }

        await AppendAsync(Host);
        Assert.True((await VerifyAsync()).Holds);
    }

    [Fact]
    public async Task Forgery_SignedWithAnotherKey_IsFound()
    {
        var end = await FillAsync(5);
        await TamperAsync($"DELETE FROM portal.audit_events WHERE seq > {end - 2}");
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using (var db = await Host.OpenMasterAsync())
        {
            var head = await db.Set<AuditHead>().SingleAsync(Cancellation);
            var last = await db.Set<AuditEvent>().OrderByDescending(e => e.Seq).FirstAsync(Cancellation);
            (head.Seq, head.Hash, head.At, head.PublicKey) =
                (last.Seq, last.Hash, last.At, own.ExportSubjectPublicKeyInfo());
            head.Signature = own.SignData(
                head.Statement(), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
            await db.SaveChangesAsync(Cancellation);
        }

        Assert.Contains((await VerifyAsync()).Findings, f => f.Why.Code == "audit_head_altered");
        await AssertRefusedAsync("audit_closed", () => AppendAsync(Host));
    }

    [Fact]
    public async Task Forgery_MasterLooksNew_BeginsNoChain()
    {
        await FillAsync(3);
        await TamperAsync(LooksNew);

        await using var fresh = await CoreHost.StartAsync(Server, workers: false, master: Host.Master);

        Assert.Equal("audit_key_missing", fresh.Get<AuditStanding>().Problem?.Code);
        await using var db = await fresh.OpenMasterAsync();
        await AssertRefusedAsync(
            "audit_closed", () =>
                fresh.Get<AuditTrail>().CommitAsync(db, Actor.System, new AuditEntry("test.happened"), Cancellation));
        Assert.Equal("audit_key_missing", (await VerifyAsync(fresh)).Why?.Code);
    }

    [Fact]
    public async Task Forgery_MasterEmptied_IsFoundByTheExportedHead()
    {
        await FillAsync(5);
        await ExportAsync();
        await TamperAsync(
            $"SET session_replication_role = replica; {LooksNew}; "
            + "TRUNCATE portal.staff, portal.data_protection_keys, portal.databases, portal.tenant_trash, "
            + "portal.operations CASCADE");

        await using var fresh = await CoreHost.StartAsync(Server, workers: false, Configure, Host.Master);

        Assert.Equal("audit_chain_replaced", fresh.Get<AuditStanding>().Problem?.Code);
        await AssertRefusedAsync("audit_closed", () => AppendAsync(Host));
        Assert.False((await VerifyAsync(fresh)).Holds);
    }

    [Fact]
    public async Task Forgery_ExportedHeadAltered_IsFound()
    {
        await FillAsync(3);
        await ExportAsync();
        await FillAsync(3);
        var file = Directory.EnumerateFiles(HeadFolder, "head-*.txt").Single();
        var text = await File.ReadAllTextAsync(file, Cancellation);

        await File.WriteAllTextAsync(file, text.Replace("seq: ", "seq: 1", StringComparison.Ordinal), Cancellation);

        Assert.Contains((await VerifyAsync()).Findings, f => f.Why.Code == "audit_export_altered");
    }

    // The head of the other portal, which the owner of both servers can copy.
    private async Task CopyHeadAsync(CoreHost other)
    {
        await SuperuserAsync("CREATE TABLE other_head AS TABLE portal.audit_head WITH NO DATA");
        await using var from = await PostgresServer.OpenAsync(Server.SuperuserUrl(other.Master.Database), Cancellation);
        await using var to = await PostgresServer.OpenAsync(Server.SuperuserUrl(Host.Master.Database), Cancellation);
        using var reader = await from.BeginTextExportAsync("COPY portal.audit_head TO STDOUT", Cancellation);
        await using var writer = await to.BeginTextImportAsync("COPY other_head FROM STDIN", Cancellation);
        await writer.WriteAsync(await reader.ReadToEndAsync(Cancellation));
    }
}
