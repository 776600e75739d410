using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Staff.ServiceAccounts;
using Vigia.Core.Staff.Tokens;
using Vigia.Tests.Browser;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Api;

/// <summary>The real portal for tests of its HTTP API, with limits that the tests do not reach.</summary>
public class ApiHost(PostgresServer server) : PortalHost(server)
{
    private readonly MailServer _mail = MailServer.Start();
    private readonly Dictionary<string, (Guid Staff, string Token)> _byRole = [];

    /// <summary>Requests per minute, of any kind; the default is more than a test makes.</summary>
    protected virtual int Limit => 100_000;

    /// <summary>The mail server that receives the portal's mail.</summary>
    public MailServer Mail => _mail;

    /// <summary>Calls the API as a member of staff with this role; without a token if null.</summary>
    public async Task<ApiCalls> AsAsync(string? role) => new(Address, role is null ? null : await TokenAsync(role));

    public Task<ApiCalls> AsAdministratorAsync() => AsAsync(StaffRoles.Administrator);

    /// <summary>Calls the API with a personal token of the administrator that has only these rights.</summary>
    public async Task<ApiCalls> WithRightsAsync(params string[] rights) =>
        new(Address, await PersonalTokenAsync(await AdministratorAsync(), rights));

    /// <summary>Calls the API as a new service account that has these rights and may call from this machine.</summary>
    /// <param name="with">Changes the account; null for one that may know of all tenants.</param>
    public async Task<ApiCalls> AsServiceAccountAsync(
        string[] rights, Func<ServiceAccountContent, ServiceAccountContent>? with = null) =>
        new(Address, (await ServiceAccountAsync(rights, with)).Token);

    /// <summary>Creates a service account whose owners are the administrator and an operator.</summary>
    public async Task<IssuedServiceToken> ServiceAccountAsync(
        string[] rights, Func<ServiceAccountContent, ServiceAccountContent>? with = null)
    {
        var administrator = await AdministratorAsync();
        await TokenAsync(StaffRoles.Operator);
        var wanted = new ServiceAccountContent(
            $"prueba-{Guid.NewGuid().ToString("n")[..12]}", "Prueba",
            [administrator.StaffId!.Value, StaffOf(StaffRoles.Operator)], rights, ["127.0.0.0/8", "::1"], null,
            DateOnly.FromDateTime(DateTime.UtcNow.AddDays(30)));
        await using var scope = Scope();
        return await scope.ServiceProvider.GetRequiredService<ServiceAccountService>().CreateAsync(
            administrator, with?.Invoke(wanted) ?? wanted, null, AdministratorPassword,
            TestContext.Current.CancellationToken);
    }

    /// <summary>Creates a personal token.</summary>
    public async Task<string> PersonalTokenAsync(Actor actor, params string[] rights) =>
        (await Services.GetRequiredService<ApiTokens>().CreateAsync(
            actor, new NewApiToken(
                $"Prueba {Guid.NewGuid():n}", rights, DateOnly.FromDateTime(DateTime.UtcNow.AddDays(30))),
                AdministratorPassword, TestContext.Current.CancellationToken)).Token;

    /// <summary>
    /// Returns a short-lived token of a member with this role; the administrator is the portal's first one.
    /// </summary>
    public async Task<string> TokenAsync(string role)
    {
        if (_byRole.TryGetValue(role, out var known))
        {
            return known.Token;
        }

        await using var scope = Scope();
        var members = scope.ServiceProvider.GetRequiredService<UserManager<StaffMember>>();
        var member = role == StaffRoles.Administrator
            ? (await members.FindByEmailAsync(AdministratorEmail))!
            : await scope.ServiceProvider.GetRequiredService<StaffAccounts>().CreateAsync(
                $"Persona {role}", $"{PortalTenants.NewName("persona")}@vigia.example", AdministratorPassword, role,
                TestContext.Current.CancellationToken);
        var issued = await scope.ServiceProvider.GetRequiredService<ApiTokenAuthentication>()
            .IssueAsync(member, "password", "127.0.0.1", TestContext.Current.CancellationToken);
        _byRole[role] = (member.Id, issued.Token);
        return issued.Token;
    }

    /// <summary>The member of staff for whom <see cref="TokenAsync"/> made the token.</summary>
    public Guid StaffOf(string role) => _byRole[role].Staff;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _mail.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        foreach (var setting in new[] { "Api:RequestsPerMinutePerToken", "Api:RequestsPerMinutePerAddress",
            "Api:ConnectionsPerMinutePerAccount",
            "Staff:SignInsPerMinuteAndAddress", "Staff:FailedSignInsPerAddress" })
        {
            builder.UseSetting(setting, $"{Limit}");
        }

        builder.UseSetting("Mail:Host", "127.0.0.1");
        builder.UseSetting("Mail:Port", $"{_mail.Port}");
        builder.UseSetting("Mail:Security", "None");
        builder.UseSetting("Mail:From", "vigia@vigia.example");
    }
}
