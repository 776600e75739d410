using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Secrets;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Registry;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.MyAccount;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Staff.Team;
using Vigia.Core.Staff.Tokens;
using Vigia.Tests.Browser;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Registry.Secrets;

/// <summary>A dump of the master opens no secret without SECRET_KEY. See docs/rules.md#secrets.</summary>
public sealed partial class DumpTests(PostgresServer server) : CoreTestBase(server)
{
    private const string Tables =
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables "
        + "WHERE schemaname = 'portal' OR tablename = 'clientes_saas' ORDER BY 1";

    [Fact]
    public async Task Dump_AnyTextInItAsASecret_OpensNoKey()
    {
        await FillAsync();
        var dump = await DumpAsync();
        var wrapped = await WrappedAsync();
        var candidates = Token().Matches(dump).Select(match => match.Value).Distinct().ToList();
        Assert.True(candidates.Count > 100, $"{candidates.Count}");

        Assert.All(wrapped, key =>
            Assert.NotNull(SecretWrapping.Unwrap(
            new SecretKeyRing(CoreHost.Secret, null), SecretWrapping.DataProtectionLabel, key)));
        foreach (var key in wrapped)
        {
            Assert.DoesNotContain(
                candidates, candidate =>
                SecretWrapping.Unwrap(
                new SecretKeyRing(candidate, null), SecretWrapping.DataProtectionLabel, key) is not null
                || OpensAsKey(key, candidate));
        }
    }

    [Fact]
    public async Task Dump_WithAnotherSecret_GivesNoCredentialAndNoChainKey()
    {
        await FillAsync();
        var settings = new VigiaSettings
        {
            MasterDatabase = Host.Master,
            SecretKey = "another secret key, as long as the right one", Roles = InstanceRoles.Staff
        };
        await using var thief = new ServiceCollection().AddLogging().AddMaster(settings)
            .AddSingleton<TenantConnections>().AddSingleton(settings)
            .Configure<KeyManagementOptions>(keys => keys.AutoGenerateKeys = false).BuildServiceProvider();
        await using var db = await thief.GetRequiredService<IDbContextFactory<MasterContext>>()
            .CreateDbContextAsync(Cancellation);
        var (credential, head) =
            (await db.Set<TenantCredential>().FirstAsync(Cancellation),
            await db.Set<AuditHead>().SingleAsync(Cancellation));

        // The secret could not be opened, or there is no key to try. Data Protection refuses in both cases.
        Assert.ThrowsAny<Exception>(() => thief.GetRequiredService<TenantConnections>().Unprotect(credential));
        Assert.Null(thief.GetRequiredService<AuditStanding>().Open(head));
        Assert.NotEmpty(Host.Get<TenantConnections>().Unprotect(credential));
        Assert.NotNull(Host.Get<AuditStanding>().Open(head));
        await Assert.ThrowsAsync<RuleException>(
            () => thief.GetRequiredService<WrappedKeys>().DemandOpenAsync(Cancellation));
    }

    [Fact]
    public async Task Dump_Text_HasNoSecretInClear()
    {
        var secrets = await FillAsync();
        var dump = await DumpAsync();

        foreach (var (what, secret) in secrets)
        {
            foreach (var form in Forms(secret))
            {
                Assert.False(dump.Contains(form, StringComparison.OrdinalIgnoreCase), what);
            }
        }
    }

    // Creates a tenant with a database, an invitation, an audit chain, and staff with everything they can have. Returns
    // all their secrets by name.
    private async Task<IReadOnlyList<(string What, byte[] Secret)>> FillAsync()
    {
        var tenant = await ReadyAsync(NewName("secreto"));
        var invitation = await Host.Get<TenantInvitations>().RevealAsync(Host.Admin, tenant.Id, Cancellation);
        await using var db = await Host.OpenMasterAsync();
        var credential = await db.Set<TenantCredential>().SingleAsync(c => c.TenantId == tenant.Id, Cancellation);
        var head = await db.Set<AuditHead>().SingleAsync(Cancellation);
        var keys = (await WrappedAsync())
            .Select(key => SecretWrapping.Unwrap(
            new SecretKeyRing(CoreHost.Secret, null), SecretWrapping.DataProtectionLabel, key)!.Plain)
            .SelectMany(plain =>
                XElement.Parse(Encoding.UTF8.GetString(plain)).DescendantsAndSelf("value")
                .Select(value => Convert.FromBase64String(value.Value))).ToList();
        Assert.NotEmpty(keys);
        return
        [
            ("SECRET_KEY", Encoding.UTF8.GetBytes(CoreHost.Secret)),
            ("a password of staff", Encoding.UTF8.GetBytes(CoreHost.AdminPassword)),
            ("a tenant's password", Encoding.UTF8.GetBytes(Host.Get<TenantConnections>().Unprotect(credential))),
            ("an invitation's token",
                Encoding.UTF8.GetBytes(invitation.Url![(invitation.Url!.LastIndexOfAny(['=', '/']) + 1)..])),
            ("the chain's key", Host.Get<AuditStanding>().Open(head)!.Key),
            .. keys.Select(key => ("a key of Data Protection's", key)),
            .. await FillStaffAsync(),
        ];
    }

    // Secrets that open the portal or that sign in as a person. Of a passkey, the portal only ever has the public half.
    private async Task<IReadOnlyList<(string What, byte[] Secret)>> FillStaffAsync()
    {
        var (admin, secret, today) = (Host.Admin, Totp.NewSecret(), DateOnly.FromDateTime(DateTime.UtcNow));
        var digits = Totp.Code(secret, DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30);
        var codes = await Host.Get<OwnSecondFactor>()
            .EnableAsync(admin, secret, digits, CoreHost.AdminPassword, Cancellation);
        var passkey = TestPasskey.Create("Llave");
        await Host.Get<OwnPasskeys>().AddAsync(admin, passkey.Info, "Llave", CoreHost.AdminPassword, Cancellation);
        var token = (await Host.Get<ApiTokens>()
            .CreateAsync(admin, new NewApiToken("Informe", [Rights.TenantsView], today.AddDays(30)),
            CoreHost.AdminPassword, Cancellation)).Token;
        var confirmation = await Host.Get<Confirmations>()
            .IssueAsync(admin.StaffId!.Value, new SignedAction(SignedAction.TenantDelete, "7"), SignInMethods.Passkey,
            Cancellation);
        var link = await Host.Get<StaffLinks>()
            .InviteAsync(admin, new InviteStaff(
            "Nora Nueva", $"{NewName("nora")}@vigia.test", new StaffAccess([StaffRoles.Support], null, null)),
            Cancellation);
        await using var scope = Host.Services.CreateAsyncScope();
        var member = await scope.ServiceProvider.GetRequiredService<UserManager<StaffMember>>()
            .FindByIdAsync($"{admin.StaffId}");
        var session = (await Host.Get<ApiTokenAuthentication>()
            .IssueAsync(member!, SignInMethods.PasswordAndCode, null, Cancellation)).Token;
        return
        [
            ("an authenticator's secret", secret),
            ("an authenticator's secret in base 32", Encoding.UTF8.GetBytes(Totp.Text(secret))),
            ("an authenticator's secret in base 32",
                Encoding.UTF8.GetBytes(Totp.Text(secret).Replace(" ", "", StringComparison.Ordinal))),
            .. codes.SelectMany(code => new[] { code, code.Replace("-", "", StringComparison.Ordinal) })
                .Select(code => ("a recovery code", Encoding.UTF8.GetBytes(code))),
            ("a passkey's private key", passkey.PrivateKey),
            .. new[] { token, session }.SelectMany(
                text => new[] { Encoding.UTF8.GetBytes(text), Encoding.UTF8.GetBytes(text[4..]),
                Base64Url.DecodeFromChars(text.AsSpan(4)) }).Select(form => ("an API token", form)),
            ("a confirmation", Encoding.UTF8.GetBytes(confirmation)),
            ("a confirmation", Convert.FromHexString(confirmation[Confirmations.Prefix.Length..])),
            ("a one-time link of staff", Encoding.UTF8.GetBytes(link.Token!)),
            ("a one-time link of staff", Convert.FromHexString(link.Token!)),
        ];
    }

    private async Task<IReadOnlyList<string>> WrappedAsync()
    {
        await using var db = await Host.OpenMasterAsync();
        var keys = await db.Set<DataProtectionKey>().AsNoTracking().Select(key => key.Xml!).ToListAsync(Cancellation);
        return [.. keys.Select(xml => XDocument.Parse(xml).Descendants(SecretWrapping.Element).Single().Value)];
    }

    private async Task<string> DumpAsync()
    {
        var text = new StringBuilder();
        await using var connection =
            await PostgresServer.OpenAsync(Server.SuperuserUrl(Host.Master.Database), Cancellation);
        foreach (var table in await ColumnAsync(connection, Tables))
        {
            (await ColumnAsync(connection, $"SELECT t::text FROM {table} AS t")).ForEach(row => text.AppendLine(row));
        }

        return text.ToString();
    }

    private static async Task<List<string>> ColumnAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        var rows = new List<string>();
        while (await reader.ReadAsync(Cancellation))
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    }

    // Whether the candidate is the key itself, written in base64 or in hexadecimal digits.
    private static bool OpensAsKey(string wrapped, string candidate)
    {
        var key = new byte[Math.Max(candidate.Length, 32)];
        var length = Convert.TryFromBase64String(candidate, key, out var written) ? written : 0;
        if (length != 32 && candidate.Length == 64
            && Convert.FromHexString(candidate, key, out _, out var digits) == System.Buffers.OperationStatus.Done)
        {
            length = digits;
        }

        if (length != 32)
        {
            return false;
        }

        var bytes = Convert.FromBase64String(wrapped);
        using var aes = new AesGcm(key.AsSpan(0, 32), 16);
        try
        {
            aes.Decrypt(bytes.AsSpan(0, 12), bytes.AsSpan(28), bytes.AsSpan(12, 16), new byte[bytes.Length - 28]);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    // The secret as text, in base64 of both alphabets, and in hexadecimal digits as bytea shows them.
    private static IEnumerable<string> Forms(byte[] secret)
    {
        var base64 = Convert.ToBase64String(secret).TrimEnd('=');
        var text = Encoding.UTF8.GetString(secret);
        return [.. text.Any(char.IsControl)
            || text.Contains('\uFFFD', StringComparison.Ordinal) ? Array.Empty<string>() : [text], base64,
            base64.Replace('+', '-').Replace('/', '_'), Convert.ToHexString(secret)];
    }

    [GeneratedRegex("[A-Za-z0-9+/=_@.:-]{8,}")]
    private static partial Regex Token();
}
