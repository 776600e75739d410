using System.Globalization;
using Microsoft.Extensions.Configuration;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Secrets;
using Vigia.Core.Foundation.Text;

namespace Vigia.Core.Foundation.Configuration;

/// <summary>Reads <see cref="VigiaSettings"/> and collects all wrong values instead of stopping at the first.</summary>
public sealed class SettingsReader(IConfiguration configuration, List<SettingProblem> problems)
{
    private const int SecretLength = 32;

    private const string MasterExample = "postgresql+psycopg2://vigia_portal:password@db.example.com:5432/vigia_master";
    private const string TemplateExample = "postgresql+psycopg2://vigia_portal:password@db.example.com:5432/{db_name}";
    private const string LegacyExample = "postgresql+psycopg2://user:password@db.example.com:5432/vigiadb";
    private const string SecretExample = "(the output of: openssl rand -hex 32)";

    /// <summary>Reads all settings. The result is valid only when no problem was noted.</summary>
    public VigiaSettings Read()
    {
        var settings = new VigiaSettings
        {
            DataDirectory = DataDirectory(), Roles = Roles(), LegacyDatabase = LegacyDatabase(),
        };
        settings = WithDatabases(settings);
        settings = WithAdministrator(settings);
        settings = settings with
        {
            ProductDatabaseRole = OutsideRole("PRODUCT_DB_ROLE", "vigia_backend"),
            PoolerAuthRole = OutsideRole("PGBOUNCER_AUTH_ROLE", "pgbouncer_auth"),
        };
        if (settings.PoolerAuthRole is { } pooler and not "none" && pooler == settings.ProductDatabaseRole)
            AddProblem("PGBOUNCER_AUTH_ROLE", "it is the same as PRODUCT_DB_ROLE", "pgbouncer_auth");
        if (Text("SAAS_BASE_DOMAIN") is { } domain) settings = settings with { BaseDomain = BaseDomain(domain) };
        if (Text("ACCESS_TOKEN_EXPIRE_MINUTES") is { } minutes) settings =
            settings with { AccessTokenLifetime = Minutes(minutes) };
        if (Text("CORS_ORIGINS") is { } origins) settings = settings with { CorsOrigins = Origins(origins) };
        if (Text("PORTAL_BASE_URL") is { } url) settings = settings with { PortalBaseUrl = BaseUrl(url) };
        if (Text("JWT_ALGORITHM") is { } algorithm && algorithm != "HS256")
            AddProblem("JWT_ALGORITHM", "tokens are signed with HS256 and nothing else", "HS256");
        return settings;
    }

    private VigiaSettings WithDatabases(VigiaSettings settings)
    {
        if (Url("MASTER_DATABASE_URL", MasterExample) is { } given)
        {
            var master = WithPassword(given);
            settings = settings with { MasterDatabase = master };
            if (MasterProblem(master) is { } wrong) AddProblem(
                "MASTER_DATABASE_URL", $"{wrong} ({master.Masked})", MasterExample);
        }

        var hasMaster = Text("MASTER_DATABASE_URL") is not null;
        if (Text("TENANT_DB_TEMPLATE") is { } text)
        {
            if (!TenantTemplate.TryRead(text, out var template, out var wrong)) AddProblem(
                "TENANT_DB_TEMPLATE", wrong, TemplateExample);
            else if (!hasMaster) AddProblem(
                "MASTER_DATABASE_URL",
                "TENANT_DB_TEMPLATE is set but this is not; without both, the portal runs a PostgreSQL of its own",
                MasterExample);
            else settings = settings with { TenantTemplate = template.With(WithPassword) };
        }

        if (Secret("SECRET_KEY") is { } secret) settings = settings with { SecretKey = secret };
        else if (hasMaster) AddProblem("SECRET_KEY", "it is required together with MASTER_DATABASE_URL", SecretExample);
        return WithPortalSecret(settings with { SecretKeyPrevious = Secret("SECRET_KEY_PREVIOUS") });
    }

    // Where a master is configured, nothing uses it.
    private PostgresUrl? LegacyDatabase()
    {
        if (Url("DATABASE_URL", LegacyExample) is not { } url || Text("MASTER_DATABASE_URL") is not null) return null;
        if (url.Database.Length == 0 || url.Username.Length == 0) AddProblem(
            "DATABASE_URL",
            $"the {(url.Database.Length == 0 ? "database's name" : "user")} is missing ({url.Masked}); without "
            + "MASTER_DATABASE_URL it is the database of the only tenant", LegacyExample);
        return url;
    }

    // The password of the portal's role may stand apart from the URLs, so that it alone has to be a secret.
    private PostgresUrl WithPassword(PostgresUrl url) =>
        url.Password.Length == 0 && configuration["PORTAL_DB_PASSWORD"] is { Length: > 0 } password
            ? url.WithUser(url.Username, password) : url;

    private VigiaSettings WithPortalSecret(VigiaSettings settings)
    {
        var (own, previous) = (Secret("PORTAL_SECRET_KEY"), Secret("PORTAL_SECRET_KEY_PREVIOUS"));
        if (own is null && previous is not null)
            AddProblem("PORTAL_SECRET_KEY", "PORTAL_SECRET_KEY_PREVIOUS is set but this is not", SecretExample);
        if (own is not null && settings.HasSecretKey && own == settings.SecretKey)
            AddProblem("PORTAL_SECRET_KEY", "it is the same as SECRET_KEY, which the product holds too", SecretExample);
        return settings with { PortalSecretKey = own, PortalSecretKeyPrevious = previous };
    }

    // The name of a role. Whether the role exists and is fit is checked when the server can be asked.
    private string? OutsideRole(string name, string example)
    {
        if (Text(name) is not { } role) return null;
        if (System.Text.Encoding.UTF8.GetByteCount(role) > PostgresUrl.MaxNameBytes || role.Contains('\0'))
            AddProblem(name, "it is not the name of a role: that has at most 63 bytes", example);
        else if (role.StartsWith("pg_", StringComparison.Ordinal)
            || role.StartsWith("vigia_c_", StringComparison.Ordinal)
            || role is "vigia_tenant" or "postgres" or "public")
            AddProblem(name, $"\"{role}\" is PostgreSQL's or the portal's own; it needs a role to itself", example);
        return role;
    }

    private static string? MasterProblem(PostgresUrl master) => master.Database switch
    {
        "" => "the database's name is missing",
        "postgres" or "template0" or "template1" =>
            $"\"{master.Database}\" is PostgreSQL's own; the master needs a database to itself",
        _ when master.Database.Contains('{', StringComparison.Ordinal) =>
            "it has a placeholder in it; that is for TENANT_DB_TEMPLATE",
        _ when System.Text.Encoding.UTF8.GetByteCount(master.Database) > PostgresUrl.MaxNameBytes =>
            "the database's name is longer than 63 bytes",
        _ when master.Username.Length == 0 => "the user is missing",
        _ => null,
    };

    private VigiaSettings WithAdministrator(VigiaSettings settings)
    {
        var email = Text("PORTAL_ADMIN_EMAIL");
        var password = configuration["PORTAL_ADMIN_PASSWORD"] is { Length: > 0 } given ? given : null;
        if (email is not null && EmailAddress.Problem(email) is not null)
            AddProblem("PORTAL_ADMIN_EMAIL", "it is not an e-mail address", "admin@example.com");
        if (email is null && password is not null)
            AddProblem("PORTAL_ADMIN_EMAIL", "PORTAL_ADMIN_PASSWORD is set but this is not", "admin@example.com");
        if (email is not null && password is null)
            AddProblem("PORTAL_ADMIN_PASSWORD", "PORTAL_ADMIN_EMAIL is set but this is not",
                "(the output of: openssl rand -base64 18)");

        // Only its length is checked here. How easily it is guessed is checked when it makes the administrator: a
        // portal that has staff does not use it any more, and has to start after an upgrade with stricter checks.
        if (password is not null && GuessablePasswords.LengthProblem(password) is { } wrong)
            AddProblem("PORTAL_ADMIN_PASSWORD", wrong, "(the output of: openssl rand -base64 18)");
        var name = SafeText.Clean(Text("PORTAL_ADMIN_NAME"));
        if (name is not null && email is null)
            AddProblem("PORTAL_ADMIN_EMAIL", "PORTAL_ADMIN_NAME is set but this is not", "admin@example.com");
        if (SafeText.Problem(name, 200) is not null)
            AddProblem(
                "PORTAL_ADMIN_NAME", "it is longer than 200 characters, or has control characters", "Ana Torres");
        return settings with { PortalAdminEmail = email, PortalAdminPassword = password, PortalAdminName = name };
    }

    private string BaseDomain(string text)
    {
        var domain = text.ToLowerInvariant();
        var labels = domain.Split('.');
        var sound = domain.Length <= 189 && labels.All(l => l.Length is > 0 and <= 63
            && l.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') && l[0] != '-' && l[^1] != '-');
        if (!sound || System.Net.IPAddress.TryParse(domain, out _))
            AddProblem(
                "SAAS_BASE_DOMAIN", "it is not a domain name (no https://, no port, no path; other letters as xn--…)",
                "midominio.com");
        return domain;
    }

    private TimeSpan Minutes(string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var minutes)
            && minutes is >= 1 and <= 43_200)
            return TimeSpan.FromMinutes(minutes);
        AddProblem(
            "ACCESS_TOKEN_EXPIRE_MINUTES", "it is not a whole number of minutes from 1 to 43200 (30 days)", "480");
        return default;
    }

    private Uri? BaseUrl(string text)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Host.Length > 0
            && url.PathAndQuery == "/" && url.Fragment.Length == 0 && url.UserInfo.Length == 0)
        {
            // As browsers name it: an address may have letters outside ASCII, and a dot at the end of its host.
            return url.HostNameType == UriHostNameType.Dns
                ? new UriBuilder(url) { Host = url.IdnHost.TrimEnd('.') }.Uri : url;
        }

        AddProblem("PORTAL_BASE_URL", "it is not an http or https address of a host alone (no path)",
            "https://portal.midominio.com");
        return null;
    }

    // As the product reads it: text with commas, or a JSON array.
    private List<string> Origins(string text)
    {
        var origins = CorsOriginList.Read(text);
        foreach (var wrong in origins.Where(origin => !CorsOriginList.IsOrigin(origin)))
            AddProblem("CORS_ORIGINS", $"\"{wrong}\" is not an origin (scheme, host and port, without a path)",
                "https://app.midominio.com,http://localhost:5173");
        return origins;
    }

    private InstanceRoles Roles()
    {
        if (Text("VIGIA_ROLES") is not { } text) return InstanceRoles.All;
        var roles = InstanceRoles.None;
        foreach (var name in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var role = name.ToLowerInvariant() switch
            {
                "staff" => InstanceRoles.Staff,
                "tenant" => InstanceRoles.Tenant,
                "worker" => InstanceRoles.Worker,
                _ => InstanceRoles.None
            };
            if (role == InstanceRoles.None)
            {
                AddProblem("VIGIA_ROLES", $"\"{name}\" is none of staff, tenant, worker", "staff,tenant,worker");
                return InstanceRoles.All;
            }

            roles |= role;
        }

        if (roles == InstanceRoles.None) AddProblem("VIGIA_ROLES", "it names no role", "staff,tenant,worker");
        return roles;
    }

    private string DataDirectory()
    {
        var path = Path.GetFullPath(Text("VIGIA_DATA_DIR") ?? ".vigia");
        if (File.Exists(path)) AddProblem("VIGIA_DATA_DIR", $"{path} is a file, not a folder", "/var/lib/vigia");
        return path;
    }

    private string? Secret(string name)
    {
        // Not trimmed, because the product's back end derives its keys from exactly these characters.
        if (configuration[name] is not { Length: > 0 } secret) return null;
        if (secret.Length < SecretLength) AddProblem(
            name, $"it has {secret.Length} characters, it needs {SecretLength} or more", SecretExample);
        return secret;
    }

    private PostgresUrl? Url(string name, string example)
    {
        if (Text(name) is not { } text) return null;
        if (PostgresUrl.TryParse(text, out var url, out var wrong)) return url;
        AddProblem(name, wrong, example);
        return null;
    }

    private string? Text(string name) => configuration[name]?.Trim() is { Length: > 0 } text ? text : null;

    private void AddProblem(string setting, string what, string example) =>
        problems.Add(new SettingProblem(setting, what, example));
}
