using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Credentials;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Staff.ServiceAccounts;
using Vigia.Core.Staff.Team;
using Vigia.Core.Staff.Tokens;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Staff.ServiceAccounts;

/// <summary>Service accounts: what they may do, from where, until when, and what is recorded and told.</summary>
public sealed class ServiceAccountTests(PostgresServer server) : CoreTestBase(server)
{
    private const string Inside = "10.20.3.4";
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 9, 5, 3, 0, 0, TimeSpan.Zero));

    protected override bool Workers => false;

    // In Lima it is still the fourth of September.
    private static DateOnly Today => new(2026, 9, 4);

    private ServiceAccountService Accounts => Host.Get<ServiceAccountService>();

    protected override void Configure(IServiceCollection services) => services.AddSingleton<TimeProvider>(_time)
        .Configure<MailOptions>(o => (o.Host, o.From) = ("127.0.0.1", "vigia@vigia.test"));

    [Fact]
    public async Task Create_Account_GivesTheChosenRightsAndIsStoredAsAHash()
    {
        var issued = await CreateAsync("backend");

        var actor = await WhoAsync(issued.Token);
        Assert.Equal((null, issued.AccountId, "servicio:backend", Inside),
            (actor!.StaffId, actor.ServiceAccountId!.Value, actor.Name, actor.Address));
        Assert.True(actor.May(Rights.TenantsView));
        Assert.True(actor.May(ServiceRights.TenantsConnectionRead));
        Assert.False(actor.May(Rights.AuditView));
        Assert.StartsWith("vga_", issued.Token, StringComparison.Ordinal);
        await using var db = await Host.OpenMasterAsync();
        var row = await db.Set<ServiceToken>().SingleAsync(Cancellation);
        Assert.Equal(SHA256.HashData(Encoding.ASCII.GetBytes(issued.Token)), row.TokenHash);
        Assert.Equal((_time.GetUtcNow(), Inside), (row.LastUsedAt!.Value, row.LastUsedAddress));
        var record = await RecordAsync("service_account.created");
        Assert.Equal(("password", "sign_service_account"), (record.SignedWith, record.SignatureMeaning));
        Assert.Contains("10.20.0.0/16", record.Body, StringComparison.Ordinal);
        Assert.DoesNotContain(issued.Token, record.Body, StringComparison.Ordinal);
        Assert.Equal(2, await db.Set<OutboxMessage>().CountAsync(
            m => m.Subject.Contains("backend") && (m.Recipient == "ana@vigia.test" || m.Recipient == "saul@vigia.test"),
            Cancellation));
    }

    [Fact]
    public async Task Create_WrongInput_SaysWhichField()
    {
        await CreateAsync("backend");
        var sound = Content("otra");
        (string Field, string Code, ServiceAccountContent Wanted)[] wrong =
        [
            ("name", "service_name_taken", sound with { Name = "backend" }),
            ("name", "service_name_form", sound with { Name = "Back End" }),
            ("purpose", "service_purpose_required", sound with { Purpose = "  " }),
            ("owner_ids", "service_owners_two", sound with { OwnerIds = [Host.Admin.StaffId!.Value] }),
            ("owner_ids", "service_owners_two",
                sound with { OwnerIds = [Host.Admin.StaffId!.Value, Host.Admin.StaffId!.Value] }),
            ("owner_ids", "service_owner_unknown",
                sound with { OwnerIds = [Host.Admin.StaffId!.Value, Guid.NewGuid()] }),
            ("rights", "token_rights_required", sound with { Rights = [] }),
            ("rights", "service_rights_wider", sound with { Rights = [Rights.TenantsDeleteHard] }),
            ("rights", "service_rights_wider", sound with { Rights = [Rights.StaffManage] }),
            ("networks", "service_networks_required", sound with { Networks = [" "] }),
            ("networks", "service_network_form", sound with { Networks = ["10.0.0.0/8", "10.0.0.0/33"] }),
            ("networks", "service_network_wide", sound with { Networks = ["0.0.0.0/7"] }),
            ("networks", "service_network_wide", sound with { Networks = ["10.0.0.0/8", "2001::/31"] }),
            ("tenant_ids", "staff_scope_empty", sound with { TenantIds = [] }),
            ("tenant_ids", "tenant_unknown", sound with { TenantIds = [987_654] }),
            ("ends_on", "token_end_out_of_range", sound with { EndsOn = null }),
            ("ends_on", "token_end_out_of_range", sound with { EndsOn = Today.AddDays(-1) }),
            ("ends_on", "token_end_out_of_range", sound with { EndsOn = Today.AddDays(366) }),
        ];
        foreach (var (field, code, wanted) in wrong)
        {
            await AssertInvalidAsync(field, code, () => Accounts.CreateAsync(
                Host.Admin, wanted, null, CoreHost.AdminPassword, Cancellation));
        }

        await AssertInvalidAsync("token_ends_on", "service_token_after_account", () => Accounts.CreateAsync(
            Host.Admin, sound, sound.EndsOn!.Value.AddDays(1), CoreHost.AdminPassword, Cancellation));
        await AssertRefusedAsync(
            "password_wrong", () => Accounts.CreateAsync(Host.Admin, sound, null, "no-es-la-suya", Cancellation));
        await AssertRefusedAsync("forbidden", () => Accounts.CreateAsync(
            Host.Support, sound, null, CoreHost.AdminPassword, Cancellation));
    }

    [Fact]
    public async Task Authenticate_ForeignNetwork_IsRefusedAndRecordedOnce()
    {
        var issued = await CreateAsync("backend");

        Assert.Null(await WhoAsync(issued.Token, "10.21.0.1"));
        Assert.Null(await WhoAsync(issued.Token, "10.21.0.1"));
        Assert.Null(await WhoAsync(issued.Token, null));
        Assert.NotNull(await WhoAsync(issued.Token, $"::ffff:{Inside}"));

        var record = await RecordAsync("service_account.source_refused");
        Assert.Equal(("servicio:backend", "10.21.0.1", issued.AccountId),
            (record.ActorName, record.ActorAddress, record.ActorId!.Value));
        var view = Assert.Single(await Host.Get<ServiceAccountDirectory>().ListAsync(Host.Admin, Cancellation));
        Assert.Equal("10.21.0.1", Assert.Single(view.Tokens).RefusedAddress);
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Null(await WhoAsync(issued.Token, "10.22.0.1"));
        await using var db = await Host.OpenMasterAsync();
        Assert.Equal(2, await db.Set<AuditEvent>().CountAsync(
            e => e.Action == "service_account.source_refused", Cancellation));
    }

    [Fact]
    public async Task Authenticate_BothOwnersLeft_StopsWorking()
    {
        var (one, other) = (await Host.AddStaffAsync("Uno", "uno@vigia.test", StaffRoles.Operator),
            await Host.AddStaffAsync("Dos", "dos@vigia.test", StaffRoles.Auditor));
        var issued = await CreateAsync(
            "backend", content => content with { OwnerIds = [one.StaffId!.Value, other.StaffId!.Value] });
        var changes = Host.Get<StaffChanges>();

        await changes.DisableAsync(Host.Admin, one.StaffId!.Value, "se fue", Cancellation);
        Assert.NotNull(await WhoAsync(issued.Token));
        await using var db = await Host.OpenMasterAsync();
        Assert.Equal(["dos@vigia.test"], await db.Set<OutboxMessage>()
            .Where(m => m.Subject.Contains("ya no tiene acceso")
                && (m.Recipient == "uno@vigia.test" || m.Recipient == "dos@vigia.test"))
            .Select(m => m.Recipient).ToListAsync(Cancellation));
        await changes.DisableAsync(Host.Admin, other.StaffId!.Value, "se fue", Cancellation);

        Assert.Null(await WhoAsync(issued.Token));
        var view = await Host.Get<ServiceAccountDirectory>().GetAsync(Host.Admin, issued.AccountId, Cancellation);
        Assert.Equal(ServiceAccountState.OwnersLeft, view.StateAt(_time.GetUtcNow()));
        var third = await Host.AddStaffAsync("Tres", "tres@vigia.test", StaffRoles.Auditor);
        await changes.DisableAsync(Host.Admin, third.StaffId!.Value, "se fue", Cancellation);
        await AssertInvalidAsync("owner_ids", "service_owner_unknown", () => ChangeAsync(
            issued.AccountId,
            Content("backend") with { OwnerIds = [third.StaffId!.Value, Host.Admin.StaffId!.Value] }));

        // A former owner may stay beside a new one.
        await ChangeAsync(
            issued.AccountId,
            Content("backend") with { OwnerIds = [one.StaffId!.Value, Host.Admin.StaffId!.Value] });
        await ChangeAsync(issued.AccountId, Content("backend"));
        Assert.NotNull(await WhoAsync(issued.Token));
    }

    [Fact]
    public async Task Change_FromAnOlderVersion_IsRefusedAndUndoesNothing()
    {
        var issued = await CreateAsync("backend");
        var directory = Host.Get<ServiceAccountDirectory>();
        var seen = await directory.GetAsync(Host.Admin, issued.AccountId, Cancellation);
        await ChangeAsync(issued.AccountId, Content("backend") with { Rights = [Rights.TenantsView] });

        await AssertRefusedAsync("service_account_changed_meanwhile", () => Accounts.ChangeAsync(
            Host.Admin, issued.AccountId, seen.Version, Content("backend") with { Purpose = "Otro" },
            CoreHost.AdminPassword, Cancellation));

        var now = await directory.GetAsync(Host.Admin, issued.AccountId, Cancellation);
        Assert.Equal([Rights.TenantsView], now.Rights);
        Assert.NotEqual(seen.Version, now.Version);
    }

    [Fact]
    public async Task Owner_WithoutAccessToTheTenants_IsRefused()
    {
        var (mine, other) = (await RegisterAsync(NewName("suyo")), await RegisterAsync(NewName("ajeno")));
        var limited = (await Host.AddStaffAsync("Limitada", "limitada@vigia.test", StaffRoles.Auditor)).StaffId!.Value;
        await PostgresServer.ExecuteAsync(Host.Master, $"""
            UPDATE portal.staff SET is_scoped = true WHERE id = '{limited}';
            INSERT INTO portal.staff_scopes (staff_id, tenant_id) VALUES ('{limited}', {mine})
            """, Cancellation);
        Guid[] owners = [Host.Admin.StaffId!.Value, limited];
        foreach (var tenants in new int[]?[] { null, [mine, other] })
        {
            await AssertInvalidAsync("owner_ids", "service_owner_unknown", () => CreateAsync(
                "ancha", content => content with { OwnerIds = owners, TenantIds = tenants }));
        }

        var issued = await CreateAsync("justa", content => content with { OwnerIds = owners, TenantIds = [mine] });
        await AssertInvalidAsync("owner_ids", "service_owner_unknown", () => ChangeAsync(
            issued.AccountId, Content("justa") with { OwnerIds = owners, TenantIds = [mine, other] }));
    }

    [Fact]
    public async Task Tokens_WorkingOneOlderThanManyEndedOnes_IsInTheList()
    {
        var issued = await CreateAsync("backend");
        for (var more = 0; more < 21; more++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            var another = await Accounts.IssueAsync(
                Host.Admin, issued.AccountId, Today.AddDays(30), CoreHost.AdminPassword, Cancellation);
            await Accounts.RevokeAsync(Host.Admin, issued.AccountId, another.Id, Cancellation);
        }

        var view = await Host.Get<ServiceAccountDirectory>().GetAsync(Host.Admin, issued.AccountId, Cancellation);

        Assert.Equal(21, view.Tokens.Count);
        Assert.Equal(issued.Id, view.Tokens[0].Id);
    }

    [Fact]
    public async Task Connection_RefusedManyTimes_IsRecordedOnceAnHour()
    {
        var actor = (await WhoAsync((await CreateAsync("backend")).Token))!;
        for (var call = 0; call < 3; call++)
        {
            await AssertRefusedAsync(
                "tenant_unknown", () => Host.Get<ConnectionReading>().ReadAsync(actor, 987_654 + call, Cancellation));
        }

        await AssertRefusedAsync("not_ready", async () => await Host.Get<ConnectionReading>().ReadAsync(
            actor, await RegisterAsync(NewName("registrado")), Cancellation));
        await using var db = await Host.OpenMasterAsync();
        Assert.Equal(["tenant_unknown", "not_ready"], await db.Set<AuditEvent>()
            .Where(e => e.Action == "tenant.connection_refused" && e.ActorName == "servicio:backend")
            .OrderBy(e => e.Seq).Select(e => MasterContext.JsonMember(e.After!, "why")!).ToListAsync(Cancellation));
        var actors = await Host.Get<AuditReader>().ActorsAsync(Host.Admin, Cancellation);
        Assert.Equal("servicio:backend", actors[actor.ServiceAccountId!.Value]);
    }

    [Fact]
    public async Task Tokens_SeveralForARotation_EachEndsByItself()
    {
        var first = await CreateAsync("backend", tokenEndsOn: Today.AddDays(10));
        var second = await Accounts.IssueAsync(
            Host.Admin, first.AccountId, Today.AddDays(30), CoreHost.AdminPassword, Cancellation);
        Assert.NotNull(await WhoAsync(first.Token));
        Assert.NotNull(await WhoAsync(second.Token));

        await Accounts.RevokeAsync(Host.Admin, first.AccountId, first.Id, Cancellation);

        Assert.Null(await WhoAsync(first.Token));
        Assert.NotNull(await WhoAsync(second.Token));
        await AssertInvalidAsync("token_ends_on", "service_token_after_account", () => Accounts.IssueAsync(
            Host.Admin, first.AccountId, Today.AddDays(200), CoreHost.AdminPassword, Cancellation));
        for (var more = 0; more < 4; more++)
        {
            await Accounts.IssueAsync(
                Host.Admin, first.AccountId, Today.AddDays(30), CoreHost.AdminPassword, Cancellation);
        }

        await AssertRefusedAsync("service_tokens_full", () => Accounts.IssueAsync(
            Host.Admin, first.AccountId, Today.AddDays(30), CoreHost.AdminPassword, Cancellation));
        _time.SetUtcNow(new DateTimeOffset(2026, 10, 5, 5, 0, 0, TimeSpan.Zero));
        Assert.Null(await WhoAsync(second.Token));
    }

    [Fact]
    public async Task Change_AndEnd_TakeEffectAtOnceAndAreRecorded()
    {
        var issued = await CreateAsync("backend");
        var tenant = await RegisterAsync(NewName("elegido"));
        await RegisterAsync(NewName("ajeno"));

        await ChangeAsync(
            issued.AccountId, Content("backend") with { Rights = [Rights.TenantsView], TenantIds = [tenant] });

        var actor = await WhoAsync(issued.Token);
        Assert.False(actor!.May(ServiceRights.TenantsConnectionRead));
        Assert.Equal([tenant], actor.TenantScope);
        var seen = await Host.Get<TenantSearch>().SearchAsync(actor, new TenantQuery(), Cancellation);
        Assert.Equal(tenant, Assert.Single(seen.Items).Row.Id);
        var record = await RecordAsync("service_account.changed");
        Assert.Contains("tenant_ids", record.After, StringComparison.Ordinal);
        Assert.DoesNotContain("networks", record.After, StringComparison.Ordinal);
        await ChangeAsync(
            issued.AccountId, Content("backend") with { Rights = [Rights.TenantsView], TenantIds = [tenant] });
        await RecordAsync("service_account.changed");

        await Accounts.EndAsync(Host.Admin, issued.AccountId, Cancellation);

        Assert.Null(await WhoAsync(issued.Token));
        await AssertRefusedAsync("service_account_ended", () => Accounts.IssueAsync(
            Host.Admin, issued.AccountId, Today, CoreHost.AdminPassword, Cancellation));
        await RecordAsync("service_account.ended");
        var refused = await Assert.ThrowsAsync<PostgresException>(() => PostgresServer.ExecuteAsync(
            Server.SuperuserUrl(Host.Master.Database), "DELETE FROM portal.service_tokens; "
                + "DELETE FROM portal.service_accounts", Cancellation));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Fact]
    public async Task Actor_OfAServiceAccount_IsNoPersonAndAPersonIsNoProgram()
    {
        var issued = await CreateAsync("backend");
        var actor = (await WhoAsync(issued.Token))!;

        Assert.Null(await Host.Get<ApiTokenAuthentication>().AuthenticateAsync(issued.Token, Inside, Cancellation));
        Assert.All(Rights.All.Except(ServiceRights.All), right => Assert.False(actor.May(right)));
        Assert.All(Rights.All.Except(ServiceRights.All),
            right => Assert.False((actor with { RightsLimit = Rights.All }).May(right)));
        Assert.False((actor with { RightsLimit = null }).May(Rights.TenantsView));
        Assert.All(ServiceRights.OfProgramsOnly, right =>
        {
            Assert.False(Host.Admin.May(right));
            Assert.False((Host.Admin with { RightsLimit = [right] }).May(right));
        });
        Assert.NotEqual((Host.Admin with { Roles = [], RightsLimit = actor.RightsLimit }).AccessKey, actor.AccessKey);
    }

    private static ServiceAccountContent Content(string name, params Guid[] owners) => new(
        name, "Atiende a los usuarios", owners, [Rights.TenantsView, ServiceRights.TenantsConnectionRead],
        ["10.20.0.0/16"], null, Today.AddDays(100));

    private ServiceAccountContent Content(string name) =>
        Content(name, Host.Admin.StaffId!.Value, Host.Support.StaffId!.Value);

    private Task<IssuedServiceToken> CreateAsync(
        string name, Func<ServiceAccountContent, ServiceAccountContent>? with = null, DateOnly? tokenEndsOn = null) =>
        Accounts.CreateAsync(
            Host.Admin, with?.Invoke(Content(name)) ?? Content(name), tokenEndsOn, CoreHost.AdminPassword,
            Cancellation);

    private async Task ChangeAsync(Guid id, ServiceAccountContent wanted)
    {
        var seen = await Host.Get<ServiceAccountDirectory>().GetAsync(Host.Admin, id, Cancellation);
        await Accounts.ChangeAsync(Host.Admin, id, seen.Version, wanted, CoreHost.AdminPassword, Cancellation);
    }

    private Task<Actor?> WhoAsync(string token, string? address = Inside) =>
        Host.Get<ServiceTokenAuthentication>().AuthenticateAsync(token, address, Cancellation);

    private async Task<AuditEvent> RecordAsync(string action)
    {
        await using var db = await Host.OpenMasterAsync();
        return await db.Set<AuditEvent>().SingleAsync(e => e.Action == action, Cancellation);
    }
}
