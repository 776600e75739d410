using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Secrets;
using Vigia.Core.Registry;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Secrets;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Staff.SignIn;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Registry.Secrets;

/// <summary>
/// The portal uses a key of Data Protection only if its own secret can open it, both at the start and while it runs.
/// </summary>
public sealed class SealedKeyTests(PostgresServer server) : CoreTestBase(server)
{
    protected override bool Workers => false;

    [Fact]
    public async Task Keys_Planted_AreNeverUsedAndAreFound()
    {
        var sealedText = Host.Get<IDataProtectionProvider>().CreateProtector("prueba").Protect("secreto");
        var (own, clear) = await KeysAsync();
        await PlantAsync(Clear(clear), "in clear");
        await PlantAsync(Clear(clear).Replace("<descriptor ", "<descriptor x=\"1\" ", StringComparison.Ordinal),
            "in clear, with an attribute");
        await PlantAsync($"<wrapped>{Convert.ToBase64String(Encoding.UTF8.GetBytes(Clear(clear)))}</wrapped>",
            "looks wrapped");
        await PlantAsync($"<key id=\"{Guid.NewGuid()}\"><wrapped>{SealedKeyRepository.Wrapped(own)}</wrapped></key>",
            "ours inside another element");
        var otherUse = SecretWrapping.Wrap(
            new SecretKeyRing(CoreHost.Secret, null), SecretWrapping.ChainLabel, Encoding.UTF8.GetBytes(Clear(clear)));
        await PlantAsync($"<wrapped>{otherUse}</wrapped>", "ours for another use");
        await PlantAsync("no xml", "nothing");

        // While the portal runs, the next read of the key ring ignores the added keys.
        var running = Host.Get<IKeyManager>();
        Assert.Equal([Guid.Parse(clear.Attribute("id")!.Value)], running.GetAllKeys().Select(key => key.KeyId));
        Assert.Equal("secreto", Host.Get<IDataProtectionProvider>().CreateProtector("prueba").Unprotect(sealedText));

        // Another portal ignores them at its start.
        await using var later = await CoreHost.StartAsync(Server, workers: false, master: Host.Master);
        Assert.Single(later.Get<IKeyManager>().GetAllKeys());
        Assert.Equal("secreto", later.Get<IDataProtectionProvider>().CreateProtector("prueba").Unprotect(sealedText));

        var verdict = await Host.Get<AuditVerifier>().VerifyAsync(Host.Admin, null, null, Cancellation);
        Assert.Equal("keys_planted", verdict.Why?.Code);
        Assert.Equal("keys_planted", (await Host.Get<AuditChecks>().GetAlarmAsync(Host.Admin, Cancellation))?.Why.Code);
    }

    [Fact]
    public async Task Keys_RemovedButNeeded_AreReportedAndNotReplaced()
    {
        var (tenant, now) = (await RegisterAsync(NewName("clave")), DateTimeOffset.UtcNow);
        (string What, Func<MasterContext, Task> AddAsync)[] needs =
        [
            ("a tenant's password",
                db =>
                {
                    var database = new ManagedDatabase { ServerId = 1, Name = "vigia_clave", TenantId = tenant };
                    db.AddRange(database, Host.Get<TenantConnections>().Create(database, true, now));
                    return Task.CompletedTask;
                }),
            ("an authenticator", db =>
                Host.Get<SecondFactorStore>()
                    .PutAsync(db, Host.Admin.StaffId!.Value, Totp.NewSecret(), 0, [], Cancellation)),
            ("mail that waits", db =>
            {
                Host.Get<Outbox>().Add(
                    db, new OutgoingMail("prueba", "ana@vigia.test", "Prueba", "texto", now.AddDays(1)), null, null);
                return Task.CompletedTask;
            }),
        ];
        await SuperuserAsync(
            "CREATE TABLE kept AS TABLE portal.data_protection_keys; "
            + "TRUNCATE portal.data_protection_keys, portal.outbox_messages");

        // A key that nothing needs may be removed.
        await StartsAsync();
        foreach (var (what, addAsync) in needs)
        {
            await using (var db = await Host.OpenMasterAsync())
            {
                await addAsync(db);
                await db.SaveChangesAsync(Cancellation);
            }

            await AssertRefusedAsync("keys_missing", () => StartsAsync());
            Assert.Equal("keys_missing", (await VerifyAsync()).Why?.Code);
            Assert.Equal(0L, await Host.ScalarAsync<long>(
                Host.Master.Database, "SELECT count(*) FROM portal.data_protection_keys"));

            await SuperuserAsync("INSERT INTO portal.data_protection_keys TABLE kept");
            await StartsAsync();
            Assert.True((await VerifyAsync()).Holds, what);
            await SuperuserAsync(
                "TRUNCATE portal.data_protection_keys, portal.tenant_credentials, portal.staff_tokens, "
                + "portal.outbox_messages");
        }
    }

    [Fact]
    public void Password_CopiedToAnotherCredential_DoesNotOpen()
    {
        var connections = Host.Get<TenantConnections>();
        var database = new ManagedDatabase { ServerId = 1, Name = "vigia_uno", TenantId = 1 };
        var one = connections.Create(database, true, DateTimeOffset.UtcNow);
        var copy = new TenantCredential
        {
            DatabaseId = database.Id, TenantId = 1, RoleName = one.RoleName, ProtectedPassword = one.ProtectedPassword,
        };

        Assert.NotEmpty(connections.Unprotect(one));
        Assert.ThrowsAny<CryptographicException>(() => connections.Unprotect(copy));
    }

    // Does what a portal does at its start, before anything needs a key.
    private async Task StartsAsync()
    {
        var settings = new VigiaSettings
        {
            MasterDatabase = Host.Master, SecretKey = CoreHost.Secret,
            Roles = InstanceRoles.Staff
        };
        await using var later = new ServiceCollection().AddLogging().AddMaster(settings).BuildServiceProvider();
        await later.GetRequiredService<WrappedKeys>().DemandOpenAsync(Cancellation);
    }

    private Task<AuditVerdict> VerifyAsync() => Host.Get<AuditVerifier>().WalkAsync(null, null, Cancellation);

    private Task SuperuserAsync(string sql) =>
        PostgresServer.ExecuteAsync(Server.SuperuserUrl(Host.Master.Database), sql, Cancellation);

    // The row of the portal's own key, and the content that Data Protection gave it.
    private async Task<(DataProtectionKey Row, XElement Clear)> KeysAsync()
    {
        await using var db = await Host.OpenMasterAsync();
        var row = await db.Set<DataProtectionKey>().AsNoTracking().SingleAsync(Cancellation);
        return (row, XElement.Parse(
            Encoding.UTF8.GetString(SealedKeyRepository.Open(new SecretKeyRing(CoreHost.Secret, null), row)!.Plain)));
    }

    // The form in which the framework writes a key without an encryptor, and which it accepts unchecked.
    private static string Clear(XElement key)
    {
        var (copy, id) = (new XElement(key), Guid.NewGuid());
        copy.SetAttributeValue("id", id);
        copy.Element("activationDate")!.Value = DateTimeOffset.UtcNow.AddDays(-1).ToString("O");
        copy.Element("creationDate")!.Value = DateTimeOffset.UtcNow.AddDays(1).ToString("O");
        var secret = copy.Descendants().Single(element => element.Name.LocalName == "encryptedSecret");
        secret.ReplaceWith(secret.Descendants().Single(element => element.Name.LocalName == "masterKey"));
        return copy.ToString(SaveOptions.DisableFormatting);
    }

    private async Task PlantAsync(string xml, string name)
    {
        await using var db = await Host.OpenMasterAsync();
        db.Set<DataProtectionKey>().Add(new DataProtectionKey { FriendlyName = name, Xml = xml });
        await db.SaveChangesAsync(Cancellation);
    }
}
