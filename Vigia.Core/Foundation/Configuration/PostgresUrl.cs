using System.Diagnostics.CodeAnalysis;
using Npgsql;

namespace Vigia.Core.Foundation.Configuration;

/// <summary>
/// A PostgreSQL URL as libpq and SQLAlchemy write it:
/// <c>postgresql[+driver]://user:password@host:port/database?option=value</c>. Only <see cref="ConnectionString"/> and
/// <see cref="ToTextWithPassword"/> show the password.
/// </summary>
public sealed class PostgresUrl
{
    /// <summary>The largest length of a PostgreSQL identifier, in bytes of UTF-8 (NAMEDATALEN - 1).</summary>
    public const int MaxNameBytes = 63;

    public required string Host { get; init; }

    public int Port { get; init; } = NpgsqlConnection.DefaultPort;

    /// <summary>Empty when the URL names none.</summary>
    public string Database { get; init; } = "";

    public string Username { get; init; } = "";

    public string Password { get; init; } = "";

    /// <summary>
    /// Query options under their libpq names (<c>sslmode</c>, <c>connect_timeout</c>, …). They were checked when the
    /// URL was read.
    /// </summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// The URL without its password, for people and logs: <c>postgresql://user:***@host:5432/database</c>.
    /// </summary>
    public string Masked => PostgresUrlText.Write(this, hidePassword: true);

    /// <summary>The connection string for Npgsql. Contains the password.</summary>
    public string ConnectionString => ToConnectionStringBuilder().ConnectionString;

    /// <summary>Reads a URL.</summary>
    /// <exception cref="FormatException">
    /// The text is not a valid URL. The message says what is wrong and never repeats the password.
    /// </exception>
    public static PostgresUrl Parse(string text) =>
        TryParse(text, out var url, out var problem) ? url : throw new FormatException(problem);

    /// <summary>
    /// Reads a URL. When that fails, <paramref name="problem"/> says what is wrong, without the password.
    /// </summary>
    public static bool TryParse(
        string? text, [NotNullWhen(true)] out PostgresUrl? url, [NotNullWhen(false)] out string? problem) =>
        PostgresUrlText.TryRead(text, out url, out problem);

    public PostgresUrl WithDatabase(string database) =>
        new()
        {
            Host = Host, Port = Port, Database = database, Username = Username, Password = Password,
            Options = Options
        };

    public PostgresUrl WithUser(string username, string password) =>
        new()
        {
            Host = Host, Port = Port, Database = Database, Username = username, Password = password,
            Options = Options
        };

    /// <summary>The URL with its password, for the environment of another program.</summary>
    public string ToTextWithPassword() => PostgresUrlText.Write(this, hidePassword: false);

    public NpgsqlConnectionStringBuilder ToConnectionStringBuilder()
    {
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = Host,
            Port = Port,
            // Npgsql would ask every server for GSS encryption first, which costs a round trip. gssencmode=prefer
            // switches it on.
            GssEncryptionMode = GssEncryptionMode.Disable,
        };
        if (Database.Length > 0) builder.Database = Database;
        if (Username.Length > 0) builder.Username = Username;
        if (Password.Length > 0) builder.Password = Password;
        foreach (var (name, value) in Options)
            PostgresUrlOptions.Apply(builder, name, value);
        return builder;
    }

    public override string ToString() => Masked;
}
