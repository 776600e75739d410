using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenancy;
using Vigia.Core.TenantSide;
using Vigia.Tests.Api;
using Vigia.Tests.Browser;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.TenantSide;

/// <summary>
/// The real portal for tests of what the users of tenants reach. Its base domain is one that every browser finds on
/// this machine.
/// </summary>
public partial class TenantSideHost(PostgresServer server) : ApiHost(server)
{
    public const string Domain = "localhost";
    public const string Password = "Señas-de-prueba-7";

    /// <summary>The secret that the product's back end would hold too.</summary>
    public const string Secret = SecretKey;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Adds a tenant whose database is ready and known to this instance.</summary>
    public async Task<TenantWorld> TenantAsync(string stem, string environment = TenantEnvironments.Production)
    {
        var name = PortalTenants.NewName(stem);
        var id = await this.ReadyTenantAsync(name, environment);
        await HoldsAsync(name, entry => entry?.RefusalNow(TimeProvider.System) == TenantRefusal.None);
        return new TenantWorld(this, id, name);
    }

    /// <summary>The name of a tenant for tests that only need one. It is made once.</summary>
    public async Task<string> SharedNameAsync() => _shared ??= (await TenantAsync("comun")).Name;

    /// <summary>Waits until the catalogue holds what it has to.</summary>
    public Task HoldsAsync(string name, Func<TenantEntry?, bool> condition) => Eventually.HoldsAsync(
        $"the entry of {name}", () => Task.FromResult(condition(
            Services.GetRequiredService<TenantCatalog>().TryFind(name, out var entry) ? entry : null)), Cancellation);

    /// <summary>Calls as somebody without a token.</summary>
    public TenantCalls Nobody(string? tenant = null) => new(Address, tenant, null);

    /// <summary>Has an invitation sent and reads its link from the mail.</summary>
    public async Task<string> InvitedAsync(int tenant, string? reason = null)
    {
        using var staff = await AsAdministratorAsync();
        var sentTo = (await staff.PostAsync($"clientes/{tenant}/invitation", new { reason })).Expect(201)
            .GetProperty("sent_to").GetString()!;
        string? link = null;
        await Eventually.HoldsAsync("the mail arrives", () =>
        {
            link = Mail.Messages.Where(mail => mail.To.Mailboxes.Any(box => box.Address == sentTo))
                .Select(mail => Link().Match(mail.TextBody!)).LastOrDefault(match => match.Success)?.Value;
            return Task.FromResult(link is not null && !_read.Contains(link));
        }, Cancellation);
        _read.Add(link!);
        return link!;
    }

    /// <summary>The token of a link.</summary>
    public static string TokenOf(string link) => link[(link.IndexOf("token=", StringComparison.Ordinal) + 6)..];

    private readonly HashSet<string> _read = [];
    private string? _shared;

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.UseSetting("SAAS_BASE_DOMAIN", Domain);
        builder.UseSetting("CORS_ORIGINS", "https://app.vigia.example, http://localhost:5173/");
        builder.UseSetting("TenantSide:FailedSignInsPerAddress", $"{Limit}");

        // The cost of hashing is not under test.
        builder.UseSetting("TenantSide:BcryptCost", "10");
    }

    [GeneratedRegex(@"https://\S+/invitacion\?token=[0-9a-f]{64}")]
    private static partial Regex Link();
}

/// <summary>A tenant of a test, and what is in its database.</summary>
public sealed class TenantWorld(TenantSideHost host, int id, string name)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public int Id => id;

    public string Name => name;

    /// <summary>The entry of the catalogue.</summary>
    public TenantEntry Entry => host.Services.GetRequiredService<TenantCatalog>().TryFind(name, out var entry) ? entry
        : throw new InvalidOperationException($"{name} is not known.");

    /// <summary>Runs a statement in its database, as the superuser.</summary>
    public Task WriteAsync(string sql) =>
        PostgresServer.ExecuteAsync(host.Postgres.SuperuserUrl($"vigia_{name}"), sql, Cancellation);

    /// <summary>Runs a statement in the master, as the superuser.</summary>
    public Task WriteMasterAsync(string sql) =>
        PostgresServer.ExecuteAsync(host.Postgres.SuperuserUrl(host.Master.Database), sql, Cancellation);

    /// <summary>Adds a user as the product would, with <see cref="TenantSideHost.Password"/>.</summary>
    /// <returns>The e-mail address.</returns>
    public async Task<string> AddUserAsync(
        string login, string roles = "admin", bool isActive = true, string? custom = null, string? hash = null)
    {
        hash ??= await host.Services.GetRequiredService<TenantPasswords>()
            .HashAsync(TenantSideHost.Password, Cancellation);
        var permissions = custom is null ? "NULL" : $"'{custom}'::jsonb";
        await WriteAsync($"""
            INSERT INTO users (username, email, hashed_password, is_active, roles, custom_permissions)
            VALUES ('{login}', '{login}@{name}.pe', '{hash}', {isActive}, string_to_array('{roles}', ','),
                {permissions})
            """);
        return $"{login}@{name}.pe";
    }

    /// <summary>Adds a user and signs in.</summary>
    public async Task<TenantCalls> SignedInAsync(string login, string roles = "admin", string? custom = null)
    {
        var email = await AddUserAsync(login, roles, custom: custom);
        using var nobody = host.Nobody(name);
        var answer = await nobody.LoginAsync(email, TenantSideHost.Password);
        return new TenantCalls(host.Address, null, TokenIn(answer.Expect(200)));
    }

    internal static string TokenIn(JsonElement answer) => answer.GetProperty("access_token").GetString()!;
}
