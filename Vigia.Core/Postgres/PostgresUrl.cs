using System.Diagnostics.CodeAnalysis;
using Npgsql;

namespace Vigia.Core.Postgres;

/// <summary>
/// A PostgreSQL URL as libpq and SQLAlchemy write it: <c>postgresql[+driver]://user:password@host:port/database?option=value</c>.
/// Its text shows the password nowhere but in <see cref="ConnectionString"/>.
/// </summary>
public sealed class PostgresUrl
{
    public required string Host { get; init; }

    public int Port { get; init; } = NpgsqlConnection.DefaultPort;

    /// <summary>Empty when the URL names none.</summary>
    public string Database { get; init; } = "";

    public string Username { get; init; } = "";

    public string Password { get; init; } = "";

    /// <summary>Query options under libpq's names (<c>sslmode</c>, <c>connect_timeout</c>, …), checked when the URL was read.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    /// <summary>For people and logs: <c>postgresql://user:***@host:5432/database</c>.</summary>
    public string Masked => PostgresUrlText.Write(this, hidePassword: true);

    /// <summary>For Npgsql; holds the password.</summary>
    public string ConnectionString => ToConnectionStringBuilder().ConnectionString;

    /// <summary>Reads a URL.</summary>
    /// <exception cref="FormatException">It is none; the message says what is wrong and never repeats the password.</exception>
    public static PostgresUrl Parse(string text) =>
        TryParse(text, out var url, out var problem) ? url : throw new FormatException(problem);

    /// <summary>Reads a URL, or says in <paramref name="problem"/> what is wrong with it, without its password.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out PostgresUrl? url, [NotNullWhen(false)] out string? problem) =>
        PostgresUrlText.TryRead(text, out url, out problem);

    public PostgresUrl WithDatabase(string database) =>
        new() { Host = Host, Port = Port, Database = database, Username = Username, Password = Password, Options = Options };

    public PostgresUrl WithUser(string username, string password) =>
        new() { Host = Host, Port = Port, Database = Database, Username = username, Password = password, Options = Options };

    /// <summary>The same URL with the password in it, for another program's environment.</summary>
    public string ToTextWithPassword() => PostgresUrlText.Write(this, hidePassword: false);

    public NpgsqlConnectionStringBuilder ToConnectionStringBuilder()
    {
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = Host,
            Port = Port,
            // Asking every server for GSS encryption first costs a round trip; who wants it says gssencmode=prefer.
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
