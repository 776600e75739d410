using Vigia.Core.Postgres;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Postgres;

/// <summary>The facts of the catalogue about a database of others.</summary>
public sealed class DatabaseFactsTests(PostgresServer server)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // The name of a role has the encoding of the database in which it was made.
    [Fact]
    public async Task Read_OwnerWhoseNameIsNotUtf8_DoesNotFail()
    {
        var suffix = $"{Guid.NewGuid():n}"[..12];
        var (latin, owned, role) = ($"test_latin_{suffix}", $"test_owned_{suffix}", $"señor_{suffix}");
        await ExecuteAsync("postgres", $"CREATE DATABASE {latin} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'");
        await ExecuteAsync("postgres", $"CREATE DATABASE {owned}");
        await ExecuteAsync(latin, $"CREATE ROLE \"{role}\"");
        try
        {
            await ExecuteAsync(latin, $"ALTER DATABASE {owned} OWNER TO \"{role}\"");
            await ExecuteAsync(owned, "ALTER SCHEMA public OWNER TO pg_database_owner");
            await using var session = await PostgresServer.OpenAsync(server.SuperuserUrl(owned), Cancellation);

            var facts = await DatabaseFacts.ReadAsync(session, owned, Cancellation);
            var inside = await DatabaseInsideFacts.ReadAsync(session, Cancellation);

            Assert.Equal($"se\uFFFDor_{suffix}", facts!.Owner);
            Assert.Equal("pg_database_owner", inside!.SchemaOwner);
        }
        finally
        {
            await server.DropDatabaseAsync(owned, CancellationToken.None);
            await ExecuteAsync(latin, $"DROP ROLE \"{role}\"");
            await server.DropDatabaseAsync(latin, CancellationToken.None);
        }
    }

    private Task ExecuteAsync(string database, string sql) =>
        PostgresServer.ExecuteAsync(server.SuperuserUrl(database), sql, Cancellation);
}
