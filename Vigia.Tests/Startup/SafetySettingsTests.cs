using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Lifecycle.Adoption;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Startup;
using Vigia.Core.TenantSide;
using Vigia.Tests.Architecture;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Startup;

/// <summary>
/// The start warns of a protection that is off. It records a changed one, because nobody records a change of a file or
/// of the environment. <see cref="SafetyDefaultsTests"/> has the records of a real start.
/// </summary>
public sealed class SafetySettingsTests(PostgresServer server) : CoreTestBase(server)
{
    private readonly LogCapture _log = new();

    protected override bool Workers => false;

    private SafetySettings Settings => Host.Get<SafetySettings>();

    protected override void Configure(IServiceCollection services) => services.AddSingleton<ILoggerProvider>(_log);

    [Fact]
    public async Task Record_ChangedSetting_HasBothValues()
    {
        await Settings.RecordAsync(Cancellation);
        await Settings.RecordAsync(Cancellation);
        Assert.Empty(await RecordsAsync());

        Of<StaffOptions>().RequireSecondFactor = SecondFactorDemand.Everyone;
        Of<ApprovalOptions>().HardDelete = true;
        Of<OidcOptions>().Authority = "https://login.example.com/" + new string('a', 120);
        await Settings.RecordAsync(Cancellation);
        await Settings.RecordAsync(Cancellation);

        var records = (await RecordsAsync()).OrderBy(r => r.After, StringComparer.Ordinal).ToList();
        Assert.Equal(
            [("{\"Approvals:HardDelete\":\"False\"}", "{\"Approvals:HardDelete\":\"True\"}"),
            ("{\"Oidc:Authority\":\"\"}", Bare(records[1].After)),
            ("{\"Staff:RequireSecondFactor\":\"None\"}", "{\"Staff:RequireSecondFactor\":\"Everyone\"}")],
            records.Select(r => (Bare(r.Before), Bare(r.After))));
        Assert.StartsWith(
            "{\"Oidc:Authority\":\"https://login.example.com/aaa", Bare(records[1].After), StringComparison.Ordinal);

        // A change behind the place where it is cut is one too.
        Of<OidcOptions>().Authority += "b";
        await Settings.RecordAsync(Cancellation);
        Assert.Equal(4, (await RecordsAsync()).Count);
    }

    // Each protection is weakened alone: its name is in the record and, where it is dangerous, in a warning.
    [Fact]
    public async Task Record_EachWeakerValue_IsRecordedAndDangerousOnesWarn()
    {
        var (staff, approvals, oidc) = (Of<StaffOptions>(), Of<ApprovalOptions>(), Of<OidcOptions>());
        var (audit, mail, trash) = (Of<AuditOptions>(), Of<MailOptions>(), Of<TrashOptions>());
        var side = Of<TenantSideOptions>();
        staff.RequireSecondFactor = SecondFactorDemand.Administrators;
        approvals.HardDelete = true;
        trash.RetentionDays = 30;
        oidc.Authority = "https://login.example.com";
        mail.Host = "mail.example.com";
        audit.HeadRecipients = "auditoria@example.com";
        await Settings.RecordAsync(Cancellation);
        Assert.Empty(Warnings());
        (string Name, bool IsDangerous, Action Weaken)[] changes =
        [
            ("Staff:RequireSecondFactor", true, () => staff.RequireSecondFactor = SecondFactorDemand.None),
            ("Staff:FailedSignInsPerAccount", false, () => staff.FailedSignInsPerAccount = 50),
            ("Staff:FailedSignInsPerAccount", true, () => staff.FailedSignInsPerAccount = 51),
            ("Staff:FailedSignInsPerAddress", true, () => staff.FailedSignInsPerAddress = 100_000),
            ("Staff:SignInsPerMinuteAndAddress", false, () => staff.SignInsPerMinuteAndAddress = 100_000),
            ("Staff:LockAfterMinutes", false, () => staff.LockAfterMinutes = 240),
            ("Staff:SessionHours", false, () => staff.SessionHours = 24),
            ("Approvals:HardDelete", true, () => approvals.HardDelete = false),
            ("Approvals:ExpireAfterHours", false, () => approvals.ExpireAfterHours = 168),
            ("Oidc:SecondFactor", true, () => oidc.SecondFactor = true),
            ("Oidc:Authority", false, () => oidc.Authority = "https://login.example.org"),
            ("Oidc:ClientId", false, () => oidc.ClientId = "otro"),
            ("Oidc:EmailClaim", false, () => oidc.EmailClaim = "upn"),
            ("Oidc:EmailVerifiedClaim", false, () => oidc.EmailVerifiedClaim = "active"),
            ("Mail:Security", true, () => mail.Security = MailSecurity.None),
            ("Mail:Host", false, () => mail.Host = "127.0.0.1"),
            ("Audit:HeadRecipients", true, () => audit.HeadRecipients = "none"),
            ("Audit:HeadFolder", false, () => audit.HeadFolder = "/var/lib/vigia/heads"),
            ("Trash:RetentionDays", false, () => trash.RetentionDays = 7),
            ("Adoption:Enabled", false, () => Of<AdoptionOptions>().Enabled = !Of<AdoptionOptions>().Enabled),
            ("TenantSide:FailedSignInsPerAccount", false, () => side.FailedSignInsPerAccount = 50),
            ("TenantSide:FailedSignInsPerAccount", true, () => side.FailedSignInsPerAccount = 51),
            ("TenantSide:FailedSignInsPerAddress", true, () => side.FailedSignInsPerAddress = 100_000),
            ("TenantSide:BcryptCost", false, () => side.BcryptCost = 13),
            ("TenantSide:BcryptCost", true, () => side.BcryptCost = 10),
        ];
        foreach (var (name, isDangerous, weaken) in changes)
        {
            var before = Warnings().Count(line => Names(line, name));
            weaken();
            await Settings.RecordAsync(Cancellation);

            Assert.Contains($"\"{name}\"", (await RecordsAsync())[^1].After, StringComparison.Ordinal);
            Assert.True(
                isDangerous == Warnings().Count(line => Names(line, name)) > before,
                $"{name}\n{string.Join('\n', Warnings())}");
        }

        Assert.Equal(changes.Length, (await RecordsAsync()).Count);
        Assert.Equal(
            changes.Select(change => change.Name).Distinct().Order(),
            Host.Services.GetServices<SafetySetting>().Select(setting => setting.Name).Order());
        var documented = await File.ReadAllTextAsync(
            Path.Combine(SourceFiles.Root, "docs/operate.md"), Cancellation);
        Assert.All(changes, change => Assert.Contains($"`{change.Name}`", documented, StringComparison.Ordinal));
    }

    // A setting that nobody decided about must not weaken a protection unseen.
    [Fact]
    public void Options_EachProperty_IsASafetySettingOrHasAReason()
    {
        var all = new[] { typeof(SafetySettings).Assembly, typeof(Program).Assembly }
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.Name.EndsWith("Options", StringComparison.Ordinal)
                && type.GetField("Section")?.IsLiteral == true)
            .SelectMany(type => type.GetProperties().Where(p => p.CanWrite)
                .Select(p => $"{type.GetField("Section")!.GetRawConstantValue()}:{p.Name}"));
        var safety = Host.Services.GetServices<SafetySetting>().Select(setting => setting.Name);

        Assert.Equal(
            all.Order(StringComparer.Ordinal),
            safety.Concat(NoProtection.Values.SelectMany(names => names)).Order(StringComparer.Ordinal));
    }

    private static readonly Dictionary<string, string[]> NoProtection = new()
    {
        ["bounds the work of people who are signed in, and of a process"] =
        [
            "Api:RequestsPerMinutePerToken", "Api:RequestsPerMinutePerAddress", "Api:ConnectionsPerMinutePerAccount",
            "Api:StreamsPerPerson", "Limits:Connections", "Limits:OpenPages", "Limits:OpenPagesPerPerson",
            "Limits:LostPages", "Limits:LostPageMinutes", "Limits:MessageKilobytes", "Limits:BodyKilobytes",
            "Limits:FormKilobytes",
        ],
        ["says how fast or how often work is done, which is done all the same"] =
        [
            "Isolation:Sample", "Isolation:AtOnce", "Isolation:NightlyBudget", "Isolation:KeepReplacedRoleFor",
            "Isolation:LookAgainAfter", "Schema:AtOnce", "Schema:LockTimeout", "Schema:MigrateAtStart",
            "Operations:Workers", "Operations:Lease", "Operations:Renewal", "Operations:Poll",
            "Operations:MaxAttempts", "Operations:MaxCrashes", "Operations:FirstBackOff",
            "Operations:LongestBackOff", "Observation:Every", "Observation:SizesPerRound",
            "Observation:CountsPerRound", "Observation:CountEvery", "Tenancy:ConnectionsPerServer",
            "Tenancy:ConnectionReserve", "Tenancy:WaitForConnection", "Tenancy:CloseIdleAfter",
        ],
        ["is a name or a number that people see"] =
            ["Portal:EnvironmentName", "Oidc:DisplayName", "Mail:From", "Mail:FromName", "Demo:Days"],
        ["reaches the same service: where it is and with which protection are settings of their own"] =
            ["Mail:Port", "Mail:User", "Oidc:Scopes"],
        ["is a secret, which no record may have"] = ["Mail:Password", "Oidc:ClientSecret"],
    };

    private T Of<T>()
        where T : class => Host.Get<IOptions<T>>().Value;

    private List<string> Warnings() =>
        [.. _log.Lines.Where(line => line.StartsWith("Warning " + typeof(SafetySettings), StringComparison.Ordinal))];

    private static bool Names(string line, string name) => line.Contains($": {name} is ", StringComparison.Ordinal);

    private static string Bare(string? json) => json!.Replace(" ", "", StringComparison.Ordinal);

    private async Task<List<AuditEvent>> RecordsAsync()
    {
        await using var db = await Host.OpenMasterAsync();
        return await db.Set<AuditEvent>().Where(e => e.Action == SafetySettings.Action).OrderBy(e => e.Seq)
            .ToListAsync(Cancellation);
    }
}
