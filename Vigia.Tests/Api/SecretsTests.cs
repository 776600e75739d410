using System.Linq.Expressions;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.MyAccount;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Staff.Team;
using Vigia.Portal;
using Vigia.Portal.Startup;
using Vigia.Tests.Browser;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Api;

/// <summary>
/// No secret appears in the log, no matter how it is used and which errors occur. This holds for the portal's own
/// messages at the most detailed level, and for the framework's and the drivers' messages at Information.
/// </summary>
public sealed partial class SecretsTests(SecretsTests.Listening host) : IClassFixture<SecretsTests.Listening>
{
    private const string WrongPassword = "No-es-la-de-nadie-4711";
    private readonly Dictionary<string, string> _secrets = new()
    {
        ["SECRET_KEY"] = "a-secret-key-for-tests-that-is-long-enough",
        ["the administrator's password"] = PortalHost.AdministratorPassword, ["a wrong password"] = WrongPassword,
        ["the mail password"] = Listening.MailPassword,
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Log_AfterEveryCallWithASecret_ContainsNone()
    {
        var subdomain = PortalTenants.NewName("secretos");
        var token = await SignInAsync();
        await SignInOverPagesAsync();
        await UseSecondFactorAsync();
        await InviteStaffAsync();
        var tenant = await LiveAsync(token, subdomain);
        await FailAsync(token);
        await DeleteAsync(token, tenant, subdomain);

        var log = string.Join('\n', host.Log.Lines);
        Assert.Contains(subdomain, log, StringComparison.Ordinal);
        Assert.Contains("Error Vigia.", log, StringComparison.Ordinal);
        Assert.Contains("Information Microsoft.EntityFrameworkCore.Database.Command", log, StringComparison.Ordinal);
        Assert.True(_secrets.Count >= 17, $"{_secrets.Count} secrets");
        Assert.All(_secrets,
            secret => Assert.True(
            secret.Value.Length >= 6, $"{secret.Key} is too short to be looked for: {secret.Value}"));
        var found = from secret in _secrets
                    from form in new[] { secret.Value, Uri.EscapeDataString(secret.Value),
                        Convert.ToBase64String(Encoding.UTF8.GetBytes(secret.Value)) }
                    from line in host.Log.Lines
                    where line.Contains(form, StringComparison.Ordinal)
                    select $"{secret.Key}: {line}";
        Assert.Equal("", string.Join('\n', found));
    }

    private async Task<string> SignInAsync()
    {
        using var nobody = await host.AsAsync(null);
        (await nobody.PostAsync("auth/token", new { email = PortalHost.AdministratorEmail, password = WrongPassword }))
            .ExpectProblem(401, "credentials_wrong");
        (await nobody.PostAsync(
            "auth/token", new { email = PortalHost.AdministratorEmail, password = WrongPassword, more = 1 }))
            .ExpectProblem(422, "invalid_input");
        (await nobody.PostAsync(
            "auth/token", $"{{\"email\":\"{PortalHost.AdministratorEmail}\",\"password\":\"{WrongPassword}\""))
            .ExpectProblem(400, "json_invalid");
        var token = (await nobody.PostAsync(
            "auth/token", new { email = PortalHost.AdministratorEmail, password = PortalHost.AdministratorPassword }))
            .Expect(200).GetProperty("access_token").GetString()!;
        var personal = await host.PersonalTokenAsync(await host.AdministratorAsync(), Rights.TenantsView);
        using var api = new ApiCalls(host.Address, personal);
        (await api.GetAsync("clientes")).Expect(200);
        (await api.GetAsync("audit")).ExpectProblem(403, "forbidden");
        using var forged = new ApiCalls(host.Address, personal[..^4] + "zzzz");
        (await forged.GetAsync("clientes")).ExpectProblem(401, "not_authenticated");
        (_secrets["a token"], _secrets["a personal token"], _secrets["a forged token"]) =
            (token, personal, personal[..^4] + "zzzz");
        return token;
    }

    private async Task SignInOverPagesAsync()
    {
        using var browser = new BrowserSession(host);
        var options = await browser.PostJsonAsync(PortalUrls.PasskeySignInOptions, "{}");
        await browser.SignInAsync(PortalHost.AdministratorEmail, WrongPassword);
        var cookie = await browser.SignInAsync(PortalHost.AdministratorEmail, PortalHost.AdministratorPassword);
        Assert.Equal(200, (int)(await browser.GetAsync("/")).StatusCode);
        _secrets["the session cookie"] = cookie;
        _secrets["a passkey's challenge"] = Challenge().Match(options).Groups[1].Value;
    }

    private async Task UseSecondFactorAsync()
    {
        var email = await host.SupportAsync();
        await using var scope = host.Scope();
        var member = (await scope.ServiceProvider.GetRequiredService<UserManager<StaffMember>>()
            .FindByEmailAsync(email))!;
        var secret = Totp.NewSecret();
        var digits = Totp.Code(secret, DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30);
        var codes = await scope.ServiceProvider.GetRequiredService<OwnSecondFactor>()
            .EnrolAsync(member, null, secret, digits, Cancellation);
        using var nobody = await host.AsAsync(null);
        (await nobody.PostAsync(
            "auth/token", new { email, password = PortalHost.AdministratorPassword, two_factor_code = "000000" }))
            .ExpectProblem(401, "credentials_wrong");
        var issued = (await nobody.PostAsync(
            "auth/token", new { email, password = PortalHost.AdministratorPassword, two_factor_code = codes[0] }))
            .Expect(200);
        (await nobody.PostAsync(
            "auth/token", new { email, password = PortalHost.AdministratorPassword, two_factor_code = codes[0] }))
            .ExpectProblem(401, "credentials_wrong");
        _secrets["a token behind a second factor"] = issued.GetProperty("access_token").GetString()!;
        _secrets["the authenticator's secret"] = Totp.Text(secret).Replace(" ", "", StringComparison.Ordinal);
        _secrets["the authenticator's secret as it is shown"] = Totp.Text(secret);
        (_secrets["a recovery code"], _secrets["an unused recovery code"]) = (codes[0], codes[1]);
    }

    private async Task InviteStaffAsync()
    {
        await using var scope = host.Scope();
        var outcome = await scope.ServiceProvider.GetRequiredService<StaffLinks>().InviteAsync(
            await host.AdministratorAsync(),
            new InviteStaff("Nora Nueva", $"{PortalTenants.NewName("nora")}@vigia.example",
            new StaffAccess([StaffRoles.Support], null, null)),
            PortalHost.AdministratorPassword, Cancellation);
        var link = outcome.Link!;
        Assert.Null(link.Token);
        var token = await TokenInMailAsync(m => m.StaffId == link.StaffId);
        using var browser = new BrowserSession(host);
        Assert.Equal(200, (int)(await browser.GetAsync($"{PortalUrls.Invitation}?token={token}")).StatusCode);
        _secrets["a member's one-time link"] = token;
    }

    private async Task<int> LiveAsync(string token, string subdomain)
    {
        using var api = new ApiCalls(host.Address, token);
        var created = (await api.PostAsync("clientes", ClientesTests.New(subdomain), ("Idempotency-Key", subdomain)))
            .Expect(202);
        var id = created.GetProperty("cliente").GetProperty("id").GetInt32();
        await host.ReachAsync(created.GetProperty("operation").GetProperty("id").GetGuid(), OperationState.Succeeded);
        (await api.PostAsync($"clientes/{id}/invitation")).Expect(201);
        (await api.GetAsync($"clientes/{id}")).Expect(200);
        _secrets["a tenant's one-time link"] = await TokenInMailAsync(m => m.TenantId == id);
        _secrets["the password of a tenant's role"] = (await host.TenantUrlAsync(id, $"vigia_{subdomain}")).Password;
        _secrets["the password of the master's role"] = host.Master.Password;
        return id;
    }

    // The mail server of these tests accepts nothing, so the mail waits in the outbox, encrypted.
    private async Task<string> TokenInMailAsync(Expression<Func<OutboxMessage, bool>> which)
    {
        await using var db = await host.Services.GetRequiredService<IDbContextFactory<MasterContext>>()
            .CreateDbContextAsync(Cancellation);
        return Token().Match(
            host.Services.GetRequiredService<Outbox>()
            .Open(await db.Set<OutboxMessage>().SingleAsync(which, Cancellation))).Groups[1].Value;
    }

    // Causes errors that are logged with all their details.
    private async Task FailAsync(string token)
    {
        using var api = new ApiCalls(host.Address, token);
        using var nobody = await host.AsAsync(null);
        var master = host.Postgres.SuperuserUrl(host.Master.Database);
        foreach (var (table, ask) in new (string, Func<Task<ApiAnswer>>)[]
        {
            ("operations", () => api.GetAsync("operations")), ("api_tokens", () => api.GetAsync("clientes")),
            ("api_tokens", () =>
                nobody.PostAsync("auth/token",
                new { email = PortalHost.AdministratorEmail, password = PortalHost.AdministratorPassword })),
        })
        {
            await PostgresServer.ExecuteAsync(master, $"ALTER TABLE portal.{table} RENAME TO gone", Cancellation);
            try
            {
                (await ask()).ExpectProblem(500, "unexpected_error");
            }
            finally
            {
                await PostgresServer.ExecuteAsync(master, $"ALTER TABLE portal.gone RENAME TO {table}", Cancellation);
            }
        }
    }

    private async Task DeleteAsync(string token, int tenant, string subdomain)
    {
        using var api = new ApiCalls(host.Address, token);
        (await api.DeleteAsync(
            $"clientes/{tenant}?hard=true", new { confirm = subdomain, reason = "prueba", password = WrongPassword }))
            .ExpectProblem(403, "password_wrong");
        var administrator = await host.AdministratorAsync();
        await using var scope = host.Scope();
        SignedAction what = null!;
        await host.InMasterAsync(async db => what = scope.ServiceProvider.GetRequiredService<TenantDeletion>()
            .SignatureOf(await db.Set<Tenant>().SingleAsync(t => t.Id == tenant, Cancellation), "prueba", null));
        var confirmation = await scope.ServiceProvider.GetRequiredService<Confirmations>()
            .IssueAsync(administrator.StaffId!.Value, what, "passkey", Cancellation);
        var accepted = (await api.DeleteAsync(
            $"clientes/{tenant}?hard=true", new { confirm = subdomain, reason = "prueba", password = confirmation }))
            .Expect(202);
        await host.ReachAsync(accepted.GetProperty("operation").GetProperty("id").GetGuid(), OperationState.Succeeded);
        _secrets["a confirmation"] = confirmation;
    }

    [GeneratedRegex("\"challenge\":\\s*\"([^\"]+)\"")]
    private static partial Regex Challenge();

    [GeneratedRegex("token=([0-9a-f]{64})")]
    private static partial Regex Token();

    /// <summary>A portal that collects everything that it logs.</summary>
    public sealed class Listening(PostgresServer server) : ApiHost(server)
    {
        public const string MailPassword = "Clave-del-correo-1234";

        public LogCapture Log { get; } = new();

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            // The mail server of these tests has no TLS, so every mail fails and the failure is logged.
            builder.UseSetting("PORTAL_BASE_URL", "http://127.0.0.1");
            builder.UseSetting("Mail:Security", "StartTls");
            builder.UseSetting("Mail:User", "portal");
            builder.UseSetting("Mail:Password", MailPassword);
            builder.ConfigureTestServices(services => services.AddSingleton<ILoggerFactory>(_ => LoggerFactory.Create(
                logging => logging.SetMinimumLevel(LogLevel.Information).AddFilter("Vigia", LogLevel.Trace)
                    .AddFilter(LoggingSetup.WritesAddresses, LogLevel.Warning).AddProvider(Log))));
        }
    }
}
