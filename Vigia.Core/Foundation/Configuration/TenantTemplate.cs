using System.Diagnostics.CodeAnalysis;

namespace Vigia.Core.Foundation.Configuration;

/// <summary>
/// TENANT_DB_TEMPLATE: the URL at which tenant databases are reached at run time. <c>{db_name}</c> stands for the name
/// of the database.
/// </summary>
public sealed class TenantTemplate
{
    public const string Placeholder = "{db_name}";

    private readonly PostgresUrl _url;

    private TenantTemplate(PostgresUrl url) => _url = url;

    /// <summary>The URL without its password, for people and logs.</summary>
    public string Masked => _url.Masked;

    /// <summary>Tenant databases on the same server as <paramref name="master"/>.</summary>
    public static TenantTemplate Beside(PostgresUrl master) => new(master.WithDatabase(Placeholder));

    /// <summary>
    /// The URL of one tenant's database. Its user is the user of the template. Run-time traffic replaces it with the
    /// tenant's own credential.
    /// </summary>
    public PostgresUrl For(string databaseName) =>
        _url.WithDatabase(_url.Database.Replace(Placeholder, databaseName, StringComparison.Ordinal));

    /// <summary>The same template with a changed URL.</summary>
    internal TenantTemplate With(Func<PostgresUrl, PostgresUrl> change) => new(change(_url));

    public static bool TryRead(
        string text, [NotNullWhen(true)] out TenantTemplate? template, [NotNullWhen(false)] out string? problem)
    {
        template = null;
        text = text.Replace("%7B", "{", StringComparison.OrdinalIgnoreCase)
            .Replace("%7D", "}", StringComparison.OrdinalIgnoreCase);
        var count = text.Split(Placeholder).Length - 1;
        if (count != 1)
        {
            problem = count == 0 ? $"{Placeholder} is missing from it"
                : $"{Placeholder} is in it {count} times, it must be there once";
            return false;
        }

        if (!PostgresUrl.TryParse(text, out var url, out problem)) return false;
        if (!url.Database.Contains(Placeholder, StringComparison.Ordinal))
        {
            problem = $"{Placeholder} must be in the database part of the URL, after the last /";
            return false;
        }

        template = new TenantTemplate(url);
        return true;
    }

    public override string ToString() => Masked;
}
