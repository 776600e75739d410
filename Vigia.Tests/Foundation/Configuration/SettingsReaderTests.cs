using Microsoft.Extensions.Configuration;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Secrets;
using Vigia.Portal.Startup;

namespace Vigia.Tests.Foundation.Configuration;

public sealed class SettingsReaderTests
{
    private const string Master = "postgresql+psycopg2://vigia_portal:s3cret@db.example.com:5432/vigia_master";
    private const string Key = "0123456789abcdef0123456789abcdef";

    /// <summary>Cases with one wrong value among valid ones, and a word of the message about it.</summary>
    public static TheoryData<string, string, string> WrongValues => new()
    {
        { "MASTER_DATABASE_URL", "mysql://root:s3cret@db/vigia", "not a PostgreSQL URL" },
        { "MASTER_DATABASE_URL", "db.example.com:5432/vigia_master", "not a PostgreSQL URL" },
        { "MASTER_DATABASE_URL", "postgresql://u:s3cret@/vigia_master", "host is missing" },
        { "MASTER_DATABASE_URL", "postgresql://u:s3cret@db:0/vigia_master", "port" },
        { "MASTER_DATABASE_URL", "postgresql://u:s3cret@db:5432/", "name is missing" },
        { "MASTER_DATABASE_URL", "postgresql://u:s3cret@db/postgres", "PostgreSQL's own" },
        { "MASTER_DATABASE_URL", "postgresql://db/vigia_master", "user is missing" },
        { "MASTER_DATABASE_URL", "postgresql://u:s3cret@db/{db_name}", "placeholder" },
        { "MASTER_DATABASE_URL", "postgresql://u:s3cret@db/m?sslmode=perhaps", "sslmode" },
        { "MASTER_DATABASE_URL", "postgresql://u:s3cret@a,b/m", "several hosts" },
        { "TENANT_DB_TEMPLATE", "postgresql://u:s3cret@db/vigia", "missing" },
        { "TENANT_DB_TEMPLATE", "postgresql://u:s3cret@db/{db_name}_{db_name}", "2 times" },
        { "TENANT_DB_TEMPLATE", "postgresql://u:s3cret@{db_name}/vigia", "database part" },
        { "TENANT_DB_TEMPLATE", "postgresql://{db_name}:s3cret@db/vigia", "database part" },
        { "TENANT_DB_TEMPLATE", "postgresql://u:s3cret@db/vigia?application_name={db_name}", "database part" },
        { "TENANT_DB_TEMPLATE", "postgresql:///{db_name}", "host is missing" },
        { "TENANT_DB_TEMPLATE", "sqlite:///{db_name}", "not a PostgreSQL URL" },
        { "TENANT_DB_TEMPLATE", "postgresql://u:s3cret@db/{DB_NAME}", "missing" },
        { "DATABASE_URL", "postgresql://u:s3cret@db:x/vigiadb", "port" },
        { "SAAS_BASE_DOMAIN", "https://midominio.com", "domain name" },
        { "SAAS_BASE_DOMAIN", "midominio.com:8080", "domain name" },
        { "SAAS_BASE_DOMAIN", "mi dominio.com", "domain name" },
        { "SAAS_BASE_DOMAIN", "-x.com", "domain name" },
        { "SAAS_BASE_DOMAIN", "10.0.0.1", "domain name" },
        { "SECRET_KEY", "s3cret", "6 characters" },
        { "SECRET_KEY", "", "required" },
        { "SECRET_KEY_PREVIOUS", "s3cret", "6 characters" },
        { "PORTAL_SECRET_KEY", "s3cret", "6 characters" },
        { "PORTAL_SECRET_KEY", Key, "the same as SECRET_KEY" },
        { "PORTAL_SECRET_KEY_PREVIOUS", "another secret, of the portal alone", "PORTAL_SECRET_KEY_PREVIOUS is set" },
        { "Audit:HeadFolder", "heads", "full path" },
        { "Audit:HeadRecipients", "auditoria@vigia.pe, nadie", "e-mail" },
        { "ACCESS_TOKEN_EXPIRE_MINUTES", "0", "minutes" },
        { "ACCESS_TOKEN_EXPIRE_MINUTES", "8h", "minutes" },
        { "ACCESS_TOKEN_EXPIRE_MINUTES", "-5", "minutes" },
        { "JWT_ALGORITHM", "none", "HS256" },
        { "CORS_ORIGINS", "https://app.midominio.com/path", "not an origin" },
        { "CORS_ORIGINS", "app.midominio.com", "not an origin" },
        { "CORS_ORIGINS", "[\"https://app.midominio.com\", 7]", "not an origin" },
        { "TenantSide:BcryptCost", "4", "10" },
        { "PORTAL_ADMIN_EMAIL", "admin", "e-mail" },
        { "PORTAL_ADMIN_EMAIL", "", "PORTAL_ADMIN_PASSWORD is set" },
        { "PORTAL_ADMIN_PASSWORD", "", "PORTAL_ADMIN_EMAIL is set" },
        { "PORTAL_ADMIN_PASSWORD", "s3cret", "6 characters" },
        { "PORTAL_ADMIN_NAME", "Ana\u202eTorres", "control characters" },
        { "PORTAL_BASE_URL", "portal.midominio.com", "http" },
        { "PORTAL_BASE_URL", "https://portal.midominio.com/staff", "no path" },
        { "PORTAL_BASE_URL", "ftp://portal.midominio.com", "http" },
        { "VIGIA_ROLES", "staff,boss", "boss" },
        { "VIGIA_ROLES", ",", "no role" },
        { "VIGIA_DATA_DIR", "/etc/passwd", "is a file" },
        { "Trash:RetentionDays", "6", "raised" },
        { "Trash:RetentionDays", "a week", "whole number" },
        { "Trash:RetentionDay", "30", "no such setting" },
        { "Demo:Days", "0", "1 to 365" },
        { "Portal:EnvironmentName", "an environment whose name does not fit", "30 characters" },
        { "Operations:Workers", "many", "whole number" },
        { "Operations:Workers", "0", "between 1 and 64" },
        { "Operations:Lease", "-00:00:15", "between" },
        { "Operations:Renewal", "00:00:06", "a third of Lease" },
        { "Logging:Format", "xml", "neither" },
        { "Logging:LogLevel:Default", "Loud", "none of" },
        { "urls", "5080", "ASPNETCORE_URLS" },
    };

    [Theory]
    [MemberData(nameof(WrongValues))]
    public void Read_WrongValue_NamesSettingAndReasonWithoutSecret(string setting, string value, string reason)
    {
        var failure = Assert.Throws<StartupException>(() => Read((setting, value)));

        Assert.Contains("A setting is wrong.", failure.Message, StringComparison.Ordinal);
        Assert.Contains(setting == "urls" ? "ASPNETCORE_URLS" : setting, failure.Message, StringComparison.Ordinal);
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
        Assert.Contains("example: ", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", failure.Message, StringComparison.Ordinal);
        Assert.True(failure.Message.Split('\n').Length <= 5, failure.Message);
    }

    [Fact]
    public void Read_SeveralWrongValues_ListsThemAll()
    {
        var failure = Assert.Throws<StartupException>(
            () => Read(("SECRET_KEY", "short"), ("VIGIA_ROLES", "x"), ("Trash:RetentionDays", "1"),
            ("Demo:Days", "x")));

        Assert.StartsWith("4 settings are wrong.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_EverythingSet_IsTyped()
    {
        var settings = Read(
            ("VIGIA_ROLES", "staff, worker"), ("PORTAL_BASE_URL", "https://portal.midominio.com/"),
            ("SAAS_BASE_DOMAIN", "MiDominio.com"), ("ACCESS_TOKEN_EXPIRE_MINUTES", "60"));

        Assert.Equal(InstanceRoles.Staff | InstanceRoles.Worker, settings.Roles);
        Assert.Equal("midominio.com", settings.BaseDomain);
        Assert.Equal(TimeSpan.FromHours(1), settings.AccessTokenLifetime);
        Assert.Equal("db.example.com", settings.MasterDatabase.Host);
        var tenant = settings.TenantTemplate.For("vigia_demo");
        Assert.Equal(("pool.example.com", 6432, "vigia_demo"), (tenant.Host, tenant.Port, tenant.Database));
        Assert.DoesNotContain("s3cret", $"{settings} {settings.TenantTemplate}", StringComparison.Ordinal);
    }

    // A portal that has staff does not use it any more. StartTests shows that it is refused where it is.
    [Theory]
    [InlineData("P@ssw0rd2026")]
    [InlineData("changeme")]
    public void Read_AdministratorsPasswordOfAnEarlierRule_DoesNotStopTheStart(string password) =>
        Assert.Equal(password, Read(("PORTAL_ADMIN_PASSWORD", password)).PortalAdminPassword);

    [Fact]
    public void Read_NothingSet_UsesThePrivateCluster() =>
        Assert.True(StartupSettings.Read(new ConfigurationManager()).NeedsPrivateCluster);

    [Fact]
    public void Read_NoTemplate_PutsTenantsOnTheMastersServer()
    {
        var settings = Read(("TENANT_DB_TEMPLATE", ""));

        Assert.Equal("postgresql://vigia_portal:***@db.example.com:5432/x", settings.TenantTemplate.For("x").Masked);
    }

    [Fact]
    public void Read_TemplateWithoutMaster_IsRefused() =>
        Assert.Contains("MASTER_DATABASE_URL",
            Assert.Throws<StartupException>(() => Read(("MASTER_DATABASE_URL", ""))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("postgresql://u:s3cret@db/", "database's name is missing")]
    [InlineData("postgresql://db/vigiadb", "user is missing")]
    public void Read_DatabaseUrlAloneIsIncomplete_SaysWhat(string url, string reason)
    {
        var failure = Assert.Throws<StartupException>(() => Read(
            ("MASTER_DATABASE_URL", ""), ("TENANT_DB_TEMPLATE", ""), ("DATABASE_URL", url)));

        Assert.Contains($"DATABASE_URL: the {reason}", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_DatabaseUrl_IsThatOfTheOnlyTenantWhereThereIsNoMaster()
    {
        const string url = "postgresql+psycopg2://u:s3cret@db/vigiadb";
        var alone = Read(("MASTER_DATABASE_URL", ""), ("TENANT_DB_TEMPLATE", ""), ("DATABASE_URL", url));

        Assert.Equal("vigiadb", (alone with { UsesPrivateCluster = true }).OnlyDatabase?.Database);
        Assert.Null(Read(("DATABASE_URL", url)).OnlyDatabase);
        Assert.Null(Read(("DATABASE_URL", "postgresql://db/")).OnlyDatabase);
    }

    [Fact]
    public void Read_ThePortalsOwnSecret_IsUsedInsteadOfTheSharedOne()
    {
        const string own = "a secret that the product never sees";
        var alone = Read(("PORTAL_SECRET_KEY", own), ("SECRET_KEY_PREVIOUS", new string('p', 32)));
        var overlap = Read(("PORTAL_SECRET_KEY", own), ("PORTAL_SECRET_KEY_PREVIOUS", Key));

        Assert.Equal([new SecretKeyRing(own, null).Derive("x")], alone.SecretKeys.DeriveAll("x"));
        Assert.Equal([new SecretKeyRing(own, null).Derive("x"), new SecretKeyRing(Key, null).Derive("x")],
            overlap.SecretKeys.DeriveAll("x"));
        Assert.Equal(Key, overlap.SecretKey);
    }

    private static VigiaSettings Read(params (string Name, string Value)[] changes)
    {
        var values = new Dictionary<string, string?>
        {
            ["MASTER_DATABASE_URL"] = Master,
            ["TENANT_DB_TEMPLATE"] = "postgresql://vigia_portal:s3cret@pool.example.com:6432/{db_name}",
            ["SECRET_KEY"] = Key,
            ["PORTAL_ADMIN_EMAIL"] = "admin@vigia.pe",
            ["PORTAL_ADMIN_PASSWORD"] = "tres tristes tigres",
        };
        foreach (var (name, value) in changes) values[name] = value;
        return StartupSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
    }
}
