using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenTelemetry.Exporter;
using OpenTelemetry.Trace;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Errors;
using Vigia.Portal.Startup;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Foundation.Configuration;

/// <summary>Every secret setting can come from a file, and from one place only.</summary>
public sealed class SecretFilesTests : IDisposable
{
    private const string Master = "postgresql://vigia_portal@db.example.com:5432/vigia_master";
    private const string Key = "0123456789abcdef0123456789abcdef";
    private readonly TestFolder _folder = TestFolder.Create();

    public static TheoryData<string> Settings =>
        [.. SecretFiles.Settings, "Kestrel:Endpoints:Https:Certificate:Password"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Settings))]
    public void Setting_InAFile_HasTheContentOfTheFile(string setting)
    {
        var configuration = Read((setting + "_FILE", Write("uno dos \n")));

        Assert.Equal("uno dos ", configuration[setting]);
    }

    [Theory]
    [InlineData("clave", "clave")]
    [InlineData("clave\n", "clave")]
    [InlineData("clave\r\n", "clave")]
    [InlineData("", "")]
    [InlineData("\n", "")]
    public void File_EndsWithALineBreak_TheSecretDoesNot(string content, string value) =>
        Assert.Equal(value, Read(("SECRET_KEY_FILE", Write(content)))["SECRET_KEY"]);

    [Theory]
    [MemberData(nameof(Settings))]
    public void Setting_GivenInBothWays_StopsTheStart(string setting)
    {
        var refused = Assert.Throws<StartupException>(
            () => Read((setting, "una-cosa"), (setting + "_FILE", Write("otra-cosa"))));

        Assert.Contains($"{setting.Replace(":", "__", StringComparison.Ordinal)}_FILE", refused.Message,
            StringComparison.Ordinal);
        Assert.DoesNotContain("una-cosa", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("otra-cosa", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_ThatCannotBeRead_AreAllNamed()
    {
        var refused = Assert.Throws<StartupException>(() => Read(
            ("SECRET_KEY_FILE", Path.Combine(_folder.Path, "no-hay")), ("Mail:Password_FILE", _folder.Path),
            ("PORTAL_SECRET_KEY_FILE", Write("dos\nlíneas"))));

        Assert.Contains("SECRET_KEY_FILE: the file can't be read", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Mail__Password_FILE: the file can't be read", refused.Message, StringComparison.Ordinal);
        Assert.Contains("more than one line", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_WithSecretsInFiles_EqualsTheEnvironment()
    {
        var configuration = Read(
            ("MASTER_DATABASE_URL", Master),
            ("TENANT_DB_TEMPLATE", "postgresql://vigia_portal@pooler:6432/{db_name}"),
            ("PORTAL_DB_PASSWORD_FILE", Write("s3cret/:@\n")), ("SECRET_KEY_FILE", Write(Key)),
            ("PORTAL_SECRET_KEY_FILE", Write("otro-secreto-del-portal-0123456789")),
            ("PORTAL_SECRET_KEY_PREVIOUS_FILE", Write("")), ("Mail:Password_FILE", Write("correo")),
            ("Oidc:ClientSecret_FILE", Write("")));

        var settings = StartupSettings.Read(configuration);

        Assert.Equal("s3cret/:@", settings.MasterDatabase.Password);
        Assert.Equal("s3cret/:@", settings.TenantTemplate.For("vigia_uno").Password);
        Assert.Equal(Key, settings.SecretKey);
        Assert.Null(settings.PortalSecretKeyPrevious);
        Assert.Equal("correo", configuration["Mail:Password"]);
    }

    // The exporter reads the configuration, so a file is as good as the environment.
    [Fact]
    public void HeadersOfTelemetry_FromAFile_AreSent()
    {
        var services = new ServiceCollection().AddSingleton<IConfiguration>(
            Read(("OTEL_EXPORTER_OTLP_HEADERS_FILE", Write("authorization=clave\n"))));
        services.AddOpenTelemetry().WithTracing(tracing => tracing.AddOtlpExporter());
        using var provider = services.BuildServiceProvider();

        Assert.Equal(
            "authorization=clave",
            provider.GetRequiredService<IOptionsMonitor<OtlpExporterOptions>>().CurrentValue.Headers);
    }

    [Fact]
    public void Password_InTheUrl_WinsOverTheSeparateOne()
    {
        var settings = StartupSettings.Read(Read(
            ("MASTER_DATABASE_URL", "postgresql://vigia_portal:propia@db/vigia_master"), ("SECRET_KEY", Key),
            ("PORTAL_DB_PASSWORD", "otra")));

        Assert.Equal("propia", settings.MasterDatabase.Password);
    }

    private string Write(string content)
    {
        var path = Path.Combine(_folder.Path, Guid.NewGuid().ToString("n"));
        File.WriteAllText(path, content);
        return path;
    }

    private static ConfigurationManager Read(params (string Name, string Value)[] settings)
    {
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(
            settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)));
        configuration.AddSecretFiles();
        return configuration;
    }
}
