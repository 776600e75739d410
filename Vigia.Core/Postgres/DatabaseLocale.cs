using Npgsql;

namespace Vigia.Core.Postgres;

/// <summary>
/// The locale of new databases: sorted by code point, and with the letters of all languages, whatever locale the
/// cluster was initialised with. The provider is always named, because otherwise a database takes the provider of
/// <c>template0</c>. Clones of the database inherit both.
/// </summary>
internal static class DatabaseLocale
{
    /// <summary>
    /// The preferred locale. PostgreSQL 17 has it built in. Before that, the operating system may or may not have it.
    /// </summary>
    public const string Name = "C.UTF-8";

    // The number of other locales of the server that are tried. initdb listed them, so some of them may have been
    // removed since.
    private const int MaxOtherLocales = 10;

    private const string OtherLocalesSql = """
        SELECT name FROM (
            SELECT 0 AS place, datctype::text AS name FROM pg_database WHERE datname = 'template0'
            UNION SELECT 1, collctype::text FROM pg_collation
            WHERE collprovider = 'c' AND collencoding = pg_char_to_encoding('UTF8')) AS l
        WHERE name NOT IN ('C', 'POSIX', $1) ORDER BY place, name LIMIT $2
        """;

    /// <summary>
    /// Completes and runs the statement <paramref name="create"/>, which is
    /// <c>CREATE DATABASE … TEMPLATE template0 ENCODING 'UTF8'</c> without a locale, with the first locale that the
    /// server has.
    /// </summary>
    public static async Task CreateAsync(NpgsqlConnection session, string create, CancellationToken cancellationToken)
    {
        if (session.PostgreSqlVersion.Major >= 17)
        {
            create += $" LOCALE_PROVIDER builtin BUILTIN_LOCALE '{Name}' LC_COLLATE 'C' LC_CTYPE 'C'";
            await MasterDatabase.ExecuteAsync(session, create, cancellationToken);
            return;
        }

        // PostgreSQL 15 is the first version with a choice of providers.
        create += session.PostgreSqlVersion.Major >= 15 ? " LOCALE_PROVIDER libc" : "";
        if (await TryAsync(session, create, Name, Name, cancellationToken))
        {
            return;
        }

        // The sort order is the same. Any UTF-8 locale can say what is upper and lower case.
        foreach (var letters in await ListOtherLocalesAsync(session, cancellationToken))
        {
            if (await TryAsync(session, create, "C", letters, cancellationToken))
            {
                return;
            }
        }

        await MasterDatabase.ExecuteAsync(session, create + Libc("C", "C"), cancellationToken);
    }

    private static async Task<bool> TryAsync(
        NpgsqlConnection session, string create, string collate, string letters, CancellationToken cancellationToken)
    {
        try
        {
            await MasterDatabase.ExecuteAsync(session, create + Libc(collate, letters), cancellationToken);
            return true;
        }
        catch (PostgresException e) when (
            e.SqlState is PostgresErrorCodes.WrongObjectType or PostgresErrorCodes.InvalidParameterValue)
        {
            // "invalid locale name", or a locale of another encoding.
            return false;
        }
    }

    private static string Libc(string collate, string letters) =>
        $" LC_COLLATE {SqlLiteral.Quote(collate)} LC_CTYPE {SqlLiteral.Quote(letters)}";

    private static async Task<IReadOnlyList<string>> ListOtherLocalesAsync(
        NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(OtherLocalesSql, session)
        {
            Parameters = { new() { Value = Name }, new() { Value = MaxOtherLocales } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var names = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }
}
