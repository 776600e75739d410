using System.Text.RegularExpressions;
using Vigia.Core.Foundation.Configuration;
using Vigia.Tests.Architecture;

namespace Vigia.Tests.Startup;

/// <summary>The promises of the compose file: confined containers, secrets in files, and what a proxy needs.</summary>
public sealed partial class ComposeFileTests
{
    private static readonly string Compose = Read("compose.yaml");

    public static TheoryData<string> Services => [.. ServicesOf().Keys];

    [Theory]
    [MemberData(nameof(Services))]
    public void Services_EachOne_IsConfined(string service)
    {
        Assert.Contains("<<: *confined", ServicesOf()[service], StringComparison.Ordinal);
        Assert.DoesNotContain("privileged", ServicesOf()[service], StringComparison.Ordinal);

        // The proxy's program does not start without it, because its file has it.
        Assert.Equal(
            service == "proxy" ? ["NET_BIND_SERVICE"] : [],
            Added().Matches(ServicesOf()[service]).SelectMany(m => m.Groups[1].Value.Split(", ")));
        Assert.Equal(
            Added().Count(ServicesOf()[service]), ServicesOf()[service].Split("cap_add").Length - 1);
    }

    // With a user of its own, the image's entry point needs no capability to become it.
    [Fact]
    public void Database_RunsAsItsOwnUser() =>
        Assert.Contains("\n    user: postgres\n", ServicesOf()["db"], StringComparison.Ordinal);

    // A setting that is not passed can't be used here, and a secret in .env would be in the environment.
    [Fact]
    public void Portal_GetsTheSettingsOfTheIdentityProvider()
    {
        foreach (var setting in new[] { "Authority", "ClientId", "ClientSecret_FILE", "DisplayName", "SecondFactor" })
        {
            Assert.Matches($@"(?m)^\s+Oidc__{setting}: \S", Compose);
        }
    }

    // Any setting may be a line of .env; an optional file needs no list here that somebody has to keep.
    [Fact]
    public void Portal_GetsEverySettingOfTheFile() =>
        Assert.Matches(@"\n    env_file:\n      - path: \.env\n        required: false\n", ServicesOf()["portal"]);

    [Fact]
    public void Confinement_DropsAllCapabilities() =>
        Assert.Matches(
            """(?s)x-confined: &confined\n  read_only: true\n  cap_drop: \[ALL\]\n"""
            + """  security_opt: \["no-new-privileges:true"\]\n""",
            Compose);

    // Inspecting a container shows its environment.
    [Fact]
    public void Secrets_ComeFromFilesOnly()
    {
        foreach (var setting in SecretFiles.Settings.Select(s => s.Replace(":", "__", StringComparison.Ordinal))
            .Append("POSTGRES_PASSWORD").Where(s => !s.EndsWith("_URL", StringComparison.Ordinal)
                && s != "TENANT_DB_TEMPLATE"))
        {
            Assert.DoesNotMatch($@"(?m)^\s+{setting}:", Compose);
            Assert.DoesNotMatch($@"(?m)^{setting}=", Read(".env.example"));
        }

        Assert.DoesNotMatch(@"postgresql://[^@\s]*:[^@\s]*@", Compose);
        var (used, made) =
            (Mounted().Matches(Compose).Select(m => m.Groups[1].Value).ToHashSet(), Read("script/secrets"));
        Assert.Contains("secret_key", used);
        Assert.All(used, name =>
        {
            Assert.Contains($"  {name}: {{file: ./secrets/{name}}}", Compose, StringComparison.Ordinal);
            Assert.Contains(name, made, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Portal_ForwardedHeaders_TrustsTheProxyOnly()
    {
        Assert.Contains("PORTAL_BASE_URL: ${PORTAL_BASE_URL:-}", Compose, StringComparison.Ordinal);
        var known = Known().Match(Compose).Groups[1].Value;
        Assert.Contains($"ipv4_address: {known}", ServicesOf()["proxy"], StringComparison.Ordinal);
        Assert.Contains("profiles: [tls]", ServicesOf()["proxy"], StringComparison.Ordinal);
        Assert.Contains("\"127.0.0.1:5080:8080\"", ServicesOf()["portal"], StringComparison.Ordinal);
        Assert.Contains("reverse_proxy portal:8080", Read("deploy/Caddyfile"), StringComparison.Ordinal);
    }

    [Fact]
    public void Images_CanBeGivenByDigest()
    {
        Assert.All(From().Matches(Read("Dockerfile")), from =>
            Assert.Matches(@"^\$\{[A-Z]+_IMAGE\}$", from.Groups[1].Value));
        foreach (var name in new[] { "SDK_IMAGE", "RUNTIME_IMAGE", "POSTGRES_IMAGE", "PROXY_IMAGE" })
        {
            Assert.Contains($"${{{name}:-", Compose, StringComparison.Ordinal);
        }
    }

    // The services are the second level of the file; each reaches to the next line that is no deeper.
    private static Dictionary<string, string> ServicesOf()
    {
        var part = Compose[Compose.IndexOf("\nservices:\n", StringComparison.Ordinal)..];
        part = part[..part.IndexOf("\nnetworks:\n", StringComparison.Ordinal)];
        return Service().Matches(part).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value);
    }

    private static string Read(string path) => File.ReadAllText(Path.Combine(SourceFiles.Root, path));

    [GeneratedRegex(@"(?ms)^  ([a-z]+):\n(.*?)(?=^  [a-z]+:\n|\z)")]
    private static partial Regex Service();

    [GeneratedRegex(@"(?m)^    cap_add: \[([A-Z_, ]+)\]$")]
    private static partial Regex Added();

    [GeneratedRegex(@"/run/secrets/([a-z_]+)")]
    private static partial Regex Mounted();

    [GeneratedRegex(@"Proxies__Known: \$\{PROXIES_KNOWN-([0-9.]+)\}")]
    private static partial Regex Known();

    [GeneratedRegex(@"(?m)^FROM (\S+)")]
    private static partial Regex From();
}
