using Npgsql;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Registry.Master;

/// <summary>
/// What the master database and its server must be able to do. Looked at before anything is written there, because a
/// migration that fails in the middle, or a name that can't be stored a month later, is harder to mend.
/// </summary>
internal static class MasterPrerequisites
{
    // 6 is UTF8, -1 any encoding.
    private const string Sql = """
        SELECT current_database()::text, pg_encoding_to_char(encoding)::text, current_setting('server_version')::text,
            (SELECT count(*) FROM pg_collation
             WHERE collname IN ('es-PE-x-icu', 'und-x-icu') AND collencoding IN (-1, 6)) >= 2,
            EXISTS (SELECT FROM pg_timezone_names WHERE name = 'America/Lima')
        FROM pg_database WHERE datname = current_database()
        """;

    /// <summary>Throws when something is missing.</summary>
    /// <exception cref="RuleException">
    /// <c>master_encoding</c>, <c>master_without_icu</c>, <c>master_without_time_zones</c>.
    /// </exception>
    public static async Task DemandAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, session);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var (database, encoding, version) = (reader.GetString(0), reader.GetString(1), reader.GetString(2));
        if (encoding != "UTF8")
        {
            throw new RuleException("master_encoding", database, encoding);
        }

        if (!reader.GetBoolean(3))
        {
            throw new RuleException("master_without_icu", version);
        }

        if (!reader.GetBoolean(4))
        {
            throw new RuleException("master_without_time_zones");
        }
    }
}
