using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.SignIn;
using Vigia.Tests.Browser;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Components.SignIn.Oidc;

/// <summary>A portal with an identity provider.</summary>
public class OidcHost(PostgresServer server) : PortalHost(server)
{
    public const string ProviderName = "Prueba S.A.";

    public OidcProvider Provider { get; } = new();

    protected override Task PrepareAsync() => Provider.StartAsync();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Provider.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Adds a member who is linked already, and signs that person in at the provider.</summary>
    public async Task<StaffMember> LinkedAsync(string name, string role)
    {
        var member = await this.AddStaffAsync(name, role);
        Provider.Be($"sub-{member.Id:n}", member.Email);
        using var visitor = new OidcVisitor(Address);
        Assert.Equal(HttpStatusCode.OK, (await visitor.SignInAsync()).Status);
        return member;
    }

    /// <summary>The methods with which a person signed in, the oldest first.</summary>
    public async Task<IReadOnlyList<string>> MethodsAsync(Guid staffId)
    {
        IReadOnlyList<string> methods = [];
        await this.InMasterAsync(
            async db => methods = await db.Set<SignInSession>().Where(s => s.StaffId == staffId)
            .OrderBy(s => s.CreatedAt).Select(s => s.Method).ToListAsync(TestContext.Current.CancellationToken));
        return methods;
    }

    /// <summary>The actions of a person, the oldest first.</summary>
    public async Task<IReadOnlyList<string>> ActionsAsync(Guid staffId)
    {
        IReadOnlyList<string> actions = [];
        await this.InMasterAsync(
            async db => actions = await db.Set<AuditEvent>().Where(e => e.ActorId == staffId).OrderBy(e => e.Seq)
            .Select(e => e.Action).ToListAsync(TestContext.Current.CancellationToken));
        return actions;
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.UseSetting("Oidc:Authority", Provider.Issuer);
        builder.UseSetting("Oidc:ClientId", OidcProvider.ClientId);
        builder.UseSetting("Oidc:ClientSecret", OidcProvider.ClientSecret);
        builder.UseSetting("Oidc:DisplayName", ProviderName);
    }
}

/// <summary>The same portal, with a second factor required for everybody.</summary>
public class OidcStrictHost(PostgresServer server) : OidcHost(server)
{
    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.UseSetting("Staff:RequireSecondFactor", "everyone");
    }
}

/// <summary>The same portal, with a provider that asks everybody for a second factor.</summary>
public sealed class OidcTrustingHost(PostgresServer server) : OidcStrictHost(server)
{
    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.UseSetting("Oidc:SecondFactor", "true");
    }
}

/// <summary>
/// The same portal behind a proxy: its public address differs from the one on which it listens. It allows few sign-ins
/// per minute.
/// </summary>
public sealed class OidcProxiedHost(PostgresServer server) : OidcHost(server)
{
    public const int PerMinute = 3;
    public const string Base = "http://127.0.0.1:9";

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.UseSetting("PORTAL_BASE_URL", Base);
        builder.UseSetting("Staff:SignInsPerMinuteAndAddress", $"{PerMinute}");
    }
}

/// <summary>A portal whose provider is unreachable.</summary>
public sealed class OidcAwayHost(PostgresServer server) : OidcHost(server)
{
    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.UseSetting("Oidc:Authority", "http://127.0.0.1:1");
    }
}
