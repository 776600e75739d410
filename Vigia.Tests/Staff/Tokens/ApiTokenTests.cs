using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Staff.Tokens;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Staff.Tokens;

/// <summary>Personal tokens and the short-lived token: the rights that they give, and when they end.</summary>
public sealed class ApiTokenTests(PostgresServer server) : CoreTestBase(server)
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 9, 5, 3, 0, 0, TimeSpan.Zero));

    protected override bool Workers => false;

    // In Lima it is still the fourth of September.
    private static DateOnly Today => new(2026, 9, 4);

    private ApiTokens Tokens => Host.Get<ApiTokens>();

    protected override void Configure(IServiceCollection services) => services.AddSingleton<TimeProvider>(_time);

    [Fact]
    public async Task Create_Token_GivesTheChosenRightsAndIsStoredAsAHash()
    {
        var issued = await CreateAsync(Host.Admin, "Facturación", [Rights.TenantsView, Rights.TenantsToggle]);

        var actor = await WhoAsync(issued.Token);
        Assert.Equal(Host.Admin.StaffId, actor!.StaffId);
        Assert.Equal("Facturación", actor.Via);
        Assert.Equal("10.1.2.3", actor.Address);
        Assert.True(actor.May(Rights.TenantsToggle));
        Assert.False(actor.May(Rights.TenantsDeleteHard));
        Assert.StartsWith("vgp_", issued.Token, StringComparison.Ordinal);
        await using var db = await Host.OpenMasterAsync();
        var row = await db.Set<ApiToken>().SingleAsync(Cancellation);
        Assert.Equal(SHA256.HashData(Encoding.ASCII.GetBytes(issued.Token)), row.TokenHash);
        Assert.Equal(issued.Token[..12], row.Prefix);
        var record = await db.Set<AuditEvent>().SingleAsync(e => e.Action == "staff.token_created", Cancellation);
        Assert.Contains("Facturaci", record.Body, StringComparison.Ordinal);
        Assert.DoesNotContain(issued.Token, record.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_LastDay_EndsAtMidnightInLima()
    {
        var issued = await CreateAsync(Host.Admin, "Hoy", [Rights.TenantsView], Today);

        _time.SetUtcNow(new DateTimeOffset(2026, 9, 5, 4, 59, 58, TimeSpan.Zero));
        Assert.NotNull(await WhoAsync(issued.Token));
        _time.SetUtcNow(new DateTimeOffset(2026, 9, 5, 5, 0, 0, TimeSpan.Zero));
        Assert.Null(await WhoAsync(issued.Token));
    }

    [Fact]
    public async Task Create_WrongInput_SaysWhichField()
    {
        await CreateAsync(Host.Support, "Guardia", [Rights.TenantsView]);

        await AssertInvalidAsync(
            "name", "token_name_required", () => CreateAsync(Host.Support, "  ", [Rights.TenantsView]));
        await AssertInvalidAsync(
            "name", "token_name_taken", () => CreateAsync(Host.Support, "Guardia", [Rights.TenantsView]));
        await AssertInvalidAsync(
            "name", "text_too_long", () => CreateAsync(Host.Support, new string('a', 101), [Rights.TenantsView]));
        await AssertInvalidAsync(
            "name", "text_forbidden_character", () => CreateAsync(Host.Support, "a\0b", [Rights.TenantsView]));
        await AssertInvalidAsync("rights", "token_rights_required", () => CreateAsync(Host.Support, "Otro", []));
        await AssertInvalidAsync(
            "rights", "token_rights_wider", () => CreateAsync(Host.Support, "Otro", [Rights.TenantsDeleteHard]));
        await AssertInvalidAsync(
            "rights", "token_rights_wider", () => CreateAsync(Host.Admin, "Otro", ["tenants.anything"]));
        await AssertInvalidAsync(
            "rights", "token_rights_wider",
            () => CreateAsync(Host.Admin with { RightsLimit = [Rights.AccountOwn] }, "Otro", [Rights.TenantsView]));
        await AssertInvalidAsync(
            "ends_on", "token_end_out_of_range",
            () => CreateAsync(Host.Support, "Otro", [Rights.TenantsView], Today.AddDays(-1)));
        await AssertInvalidAsync(
            "ends_on", "token_end_out_of_range",
            () => CreateAsync(Host.Support, "Otro", [Rights.TenantsView], Today.AddDays(366)));
    }

    [Fact]
    public async Task Create_InvalidField_UsesNoConfirmation()
    {
        await AssertRefusedAsync(
            "password_wrong", () => Tokens.CreateAsync(Host.Admin, Wanted("Uno"), "no-es-la-suya", Cancellation));
        await AssertRefusedAsync(
            "password_wrong", () => Tokens.CreateAsync(Host.Admin, Wanted("Uno"), null, Cancellation));
        var what = ApiTokens.SignatureOf(Host.Admin.StaffId!.Value, Wanted("Uno"));
        var confirmation = await Host.Get<Confirmations>()
            .IssueAsync(Host.Admin.StaffId!.Value, what, SignInMethods.Passkey, Cancellation);

        await AssertInvalidAsync(
            "name", "token_name_required",
            () => Tokens.CreateAsync(Host.Admin, Wanted(""), confirmation, Cancellation));
        await Tokens.CreateAsync(Host.Admin, Wanted("Uno"), confirmation, Cancellation);

        await AssertRefusedAsync(
            "confirmation_stale", () => Tokens.CreateAsync(Host.Admin, Wanted("Dos"), confirmation, Cancellation));
        await using var db = await Host.OpenMasterAsync();
        Assert.Equal("passkey",
            (await db.Set<AuditEvent>().SingleAsync(e => e.Action == "staff.token_created", Cancellation)).SignedWith);
    }

    [Fact]
    public async Task Create_SameNameManyTimesAtOnce_MakesOne()
    {
        var made = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            try
            {
                await CreateAsync(Host.Admin, "Uno", [Rights.TenantsView]);
                return true;
            }
            catch (InvalidInputException)
            {
                return false;
            }
        }));

        Assert.Single(made, true);
    }

    [Fact]
    public async Task Revoke_OwnTokenOnly_StopsItAtOnce()
    {
        var issued = await CreateAsync(Host.Admin, "Uno", [Rights.TenantsView]);

        await AssertRefusedAsync("token_unknown", () => Tokens.RevokeAsync(Host.Support, issued.Id, Cancellation));
        Assert.NotNull(await WhoAsync(issued.Token));
        await Tokens.RevokeAsync(Host.Admin, issued.Id, Cancellation);
        await Tokens.RevokeAsync(Host.Admin, issued.Id, Cancellation);

        Assert.Null(await WhoAsync(issued.Token));
        Assert.Empty(await Tokens.ListAsync(Host.Support, Cancellation));
        Assert.NotNull(Assert.Single(await Tokens.ListAsync(Host.Admin, Cancellation)).RevokedAt);
        Assert.Equal(1, await Host.ScalarAsync<long>(
            Host.Master.Database, "SELECT count(*) FROM portal.audit_events WHERE action = 'staff.token_revoked'"));
        await CreateAsync(Host.Admin, "Uno", [Rights.TenantsView]);
    }

    [Fact]
    public async Task Authenticate_AfterDemotion_GivesTheCurrentRoles()
    {
        var issued = await CreateAsync(Host.Admin, "Uno", [Rights.TenantsView, Rights.TenantsDeleteHard]);

        await ChangeAsync(Host.Admin, async (members, member) =>
        {
            await members.RemoveFromRoleAsync(member, StaffRoles.Administrator);
            await members.AddToRoleAsync(member, StaffRoles.Support);
        });

        var actor = await WhoAsync(issued.Token);
        Assert.Equal([StaffRoles.Support], actor!.Roles);
        Assert.False(actor.May(Rights.TenantsDeleteHard));
        Assert.True(actor.May(Rights.TenantsView));
    }

    [Fact]
    public async Task Authenticate_DisabledPersonOrExpiredToken_ReturnsNull()
    {
        var disabled = await CreateAsync(Host.Support, "Uno", [Rights.TenantsView]);
        var over = await CreateAsync(Host.Admin, "Dos", [Rights.TenantsView]);

        await ChangeAsync(Host.Support, (members, member) =>
        {
            member.DisabledAt = _time.GetUtcNow();
            return members.UpdateAsync(member);
        });
        await ChangeAsync(Host.Admin, (members, member) =>
        {
            member.AccessEndsAt = _time.GetUtcNow();
            return members.UpdateAsync(member);
        });

        Assert.Null(await WhoAsync(disabled.Token));
        Assert.Null(await WhoAsync(over.Token));
    }

    [Fact]
    public async Task Authenticate_LimitedAuditor_HasTheirTenantScope()
    {
        var auditor = await Host.AddStaffAsync("Aurora Auditora", "aurora@vigia.test", StaffRoles.Auditor);
        var issued = await CreateAsync(auditor, "Uno", [Rights.TenantsView]);
        await ChangeAsync(auditor, (members, member) =>
        {
            member.IsScoped = true;
            return members.UpdateAsync(member);
        });
        Assert.Empty((await WhoAsync(issued.Token))!.TenantScope!);

        await using var db = await Host.OpenMasterAsync();
        db.Set<StaffScope>()
            .AddRange(new StaffScope { StaffId = auditor.StaffId!.Value, TenantId = 3 },
            new StaffScope { StaffId = auditor.StaffId!.Value, TenantId = 9 });
        await db.SaveChangesAsync(Cancellation);

        Assert.Equal([3, 9], (await WhoAsync(issued.Token))!.TenantScope!.Order());
    }

    [Fact]
    public async Task Authenticate_ManyTimes_StoresTheUseOnceAMinute()
    {
        var issued = await CreateAsync(Host.Admin, "Uno", [Rights.TenantsView]);
        var first = _time.GetUtcNow();

        await WhoAsync(issued.Token);
        _time.Advance(TimeSpan.FromSeconds(59));
        await WhoAsync(issued.Token);
        Assert.Equal(first, (await Tokens.ListAsync(Host.Admin, Cancellation))[0].LastUsedAt);

        _time.Advance(TimeSpan.FromSeconds(1));
        await WhoAsync(issued.Token);
        Assert.Equal(first.AddMinutes(1), (await Tokens.ListAsync(Host.Admin, Cancellation))[0].LastUsedAt);
        Assert.Equal("10.1.2.3", (await Tokens.ListAsync(Host.Admin, Cancellation))[0].LastUsedAddress);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("vgp_")]
    [InlineData("vgp_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.")]
    [InlineData("vgp_ñAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Authenticate_ForeignToken_ReturnsNull(string? token) => Assert.Null(await WhoAsync(token));

    [Fact]
    public async Task Issue_ShortLivedToken_WorksAnHourWithAllRights()
    {
        var issued = await IssueAsync(Host.Admin);

        var actor = await WhoAsync(issued.Token);
        Assert.Null(actor!.RightsLimit);
        Assert.Equal("API", actor.Via);
        Assert.Null(Assert.Single(await Tokens.ListAsync(Host.Admin, Cancellation)).Name);
        _time.Advance(TimeSpan.FromMinutes(60));
        Assert.Null(await WhoAsync(issued.Token));
        Assert.Empty(await Tokens.ListAsync(Host.Admin, Cancellation));
    }

    [Theory]
    [InlineData(SecondFactorDemand.Administrators, false)]
    [InlineData(SecondFactorDemand.Everyone, true)]
    public async Task SecondFactor_RequiredAndMissing_StopsTokens(
        SecondFactorDemand demand, bool supportToo)
    {
        var before = await CreateAsync(Host.Admin, "Antes", [Rights.TenantsView]);
        Host.Get<Microsoft.Extensions.Options.IOptions<StaffOptions>>().Value.RequireSecondFactor = demand;

        await AssertRefusedAsync("second_factor_required", () => CreateAsync(Host.Admin, "Uno", [Rights.TenantsView]));
        await AssertRefusedAsync("second_factor_required", () => IssueAsync(Host.Admin));
        Assert.Null(await WhoAsync(before.Token));
        if (supportToo)
        {
            await AssertRefusedAsync(
                "second_factor_required", () => CreateAsync(Host.Support, "Uno", [Rights.TenantsView]));
        }
        else
        {
            Assert.NotNull(await WhoAsync((await CreateAsync(Host.Support, "Uno", [Rights.TenantsView])).Token));
        }

        await ChangeAsync(Host.Admin, (members, member) => members.SetTwoFactorEnabledAsync(member, true));
        Assert.NotNull(await WhoAsync(before.Token));
    }

    private static NewApiToken Wanted(string name) => new(name, [Rights.TenantsView], Today);

    private Task<Actor?> WhoAsync(string? token) =>
        Host.Get<ApiTokenAuthentication>().AuthenticateAsync(token, "10.1.2.3", Cancellation);

    private Task<IssuedToken> CreateAsync(
        Actor actor, string name, IReadOnlyList<string> rights, DateOnly? endsOn = null) =>
        Tokens.CreateAsync(actor, new NewApiToken(name, rights, endsOn ?? Today.AddDays(30)), CoreHost.AdminPassword,
            Cancellation);

    private async Task<IssuedToken> IssueAsync(Actor actor)
    {
        await using var scope = Host.Services.CreateAsyncScope();
        var member = await scope.ServiceProvider.GetRequiredService<UserManager<StaffMember>>()
            .FindByIdAsync(actor.StaffId!.Value.ToString());
        return await Host.Get<ApiTokenAuthentication>().IssueAsync(member!, "password", "10.1.2.3", Cancellation);
    }

    private async Task ChangeAsync(Actor actor, Func<UserManager<StaffMember>, StaffMember, Task> changeAsync)
    {
        await using var scope = Host.Services.CreateAsyncScope();
        var members = scope.ServiceProvider.GetRequiredService<UserManager<StaffMember>>();
        await changeAsync(members, (await members.FindByIdAsync(actor.StaffId!.Value.ToString()))!);
    }
}
