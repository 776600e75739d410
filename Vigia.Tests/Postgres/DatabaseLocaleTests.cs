using Npgsql;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Postgres;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Postgres;

/// <summary>
/// A new database sorts by code point and knows all letters, no matter how the cluster was initialised.
/// </summary>
public sealed class DatabaseLocaleTests
{
    /// <summary>Reads provider, locale and letters of the session's database.</summary>
    internal const string LocaleSql = """
        SELECT concat_ws(' ', datlocprovider, datcollate, datctype, to_jsonb(d) ->> 'datlocale',
            to_jsonb(d) ->> 'daticulocale') FROM pg_database d WHERE datname = current_database()
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Create_ClusterWithIcu_DatabaseAndClonesDoNotUseIt()
    {
        await using var server = await PostgresServer.StartNewAsync(new PostgresServerOptions
        {
            MaxConnections = 30,
            Locale = ["--locale-provider=icu", "--icu-locale=es-PE", "--locale=C"],
        });

        await AssertAllAreAsWantedAsync(server.PortalUrl("postgres"));
    }

    /// <summary>
    /// C.UTF-8 is a folder of the operating system. In a mount namespace of its own, the server gets an empty folder in
    /// its place.
    /// </summary>
    [Fact]
    [Trait("needs", "mount")]
    public async Task Create_WithoutCUtf8_SortsTheSame()
    {
        using var folder = TestFolder.Create();
        var programs = await WithoutLocalesAsync(folder.Path);
        var cluster = new PostgresCluster(programs, ServerUser.Current, Path.Combine(folder.Path, "data"));
        var url = new PostgresUrl
        {
            Host = "127.0.0.1", Port = PostgresCluster.FreePort(), Database = "postgres",
            Username = "postgres", Password = PasswordGenerator.Create()
        };
        await cluster.InitializeAsync(
            url.Username, url.Password, ["fsync = off"], durable: false, locale: null, Cancellation);
        await cluster.StartAsync(url.Port, Cancellation);
        try
        {
            if (programs.MajorVersion < 17)
            {
                var refused = await Assert.ThrowsAsync<PostgresException>(
                    () => PostgresServer.ExecuteAsync(
                    url, "CREATE DATABASE x TEMPLATE template0 LOCALE 'C.UTF-8'", Cancellation));
                Assert.Equal(PostgresErrorCodes.WrongObjectType, refused.SqlState);
            }

            await AssertAllAreAsWantedAsync(url, "c C C");
        }
        finally
        {
            await cluster.StopAsync(immediate: true, Cancellation);
        }
    }

    internal static string Wanted(NpgsqlConnection session, string before17 = "c C.UTF-8 C.UTF-8") =>
        session.PostgreSqlVersion.Major >= 17 ? "b C C C.UTF-8" : before17;

    // The master, the database in which a template is built, and a clone of the template.
    private static async Task AssertAllAreAsWantedAsync(PostgresUrl maintenance, string before17 = "c C.UTF-8 C.UTF-8")
    {
        await MasterDatabase.CreateAsync(maintenance.WithDatabase("vigia_master"), ifMissing: false, Cancellation);
        await using (var session = await PostgresServer.OpenAsync(maintenance, Cancellation))
        {
            await DatabaseDdl.CreateEmptyAsync(session, "vigia_new_a", Cancellation);
            await DatabaseDdl.CreateFromTemplateAsync(session, "vigia_new_b", "vigia_new_a", Cancellation);
            await DatabaseDdl.ClaimAsync(
                session, "vigia_new_b", "vigia_b", "test", allowConnections: true, Cancellation);
        }

        foreach (var name in new[] { "vigia_master", "vigia_new_a", "vigia_b" })
        {
            await using var session = await PostgresServer.OpenAsync(maintenance.WithDatabase(name), Cancellation);
            await using var locale = new NpgsqlCommand(LocaleSql, session);
            Assert.Equal(Wanted(session, before17), await locale.ExecuteScalarAsync(Cancellation));
            await using var order = new NpgsqlCommand(
                "SELECT string_agg(x, ' ' ORDER BY x) FROM unnest(ARRAY['ñu', 'Zeta', 'alfa', 'Álamo']) x", session);
            Assert.Equal("Zeta alfa Álamo ñu", await order.ExecuteScalarAsync(Cancellation));

            // The sort order of the master does not depend on the locale of the operating system.
            await using var spanish = new NpgsqlCommand(
                "SELECT string_agg(x, ' ' ORDER BY x COLLATE \"es-PE-x-icu\") "
                + "FROM unnest(ARRAY['ñu', 'Zeta', 'alfa', 'Álamo']) x", session);
            Assert.Equal("Álamo alfa ñu Zeta", await spanish.ExecuteScalarAsync(Cancellation));
        }
    }

    // The unchanged programs of the server, behind a script that hides the locales and then runs them as the server's
    // own user.
    private static async Task<PostgresPrograms> WithoutLocalesAsync(string folder)
    {
        var real = (await PostgresPrograms.FindAsync(Cancellation))[0];
        var user = ServerUser.Find()!.Name ?? throw new InvalidOperationException("A mount needs root.");
        var (programs, empty) =
            (Directory.CreateDirectory(Path.Combine(folder, "bin")).FullName,
            Directory.CreateDirectory(Path.Combine(folder, "empty")).FullName);
        foreach (var name in new[] { "initdb", "pg_ctl", "postgres" })
        {
            var script = Path.Combine(programs, name);
            await File.WriteAllTextAsync(
                script,
                $"""
                #!/bin/sh
                chown -R {user} {folder}
                exec unshare --mount sh -c 'mount --bind {empty} /usr/lib/locale && exec setpriv \
                    --reuid={user} --regid={user} --clear-groups {real.PathOf(name)} "$@"' {name} "$@"

                """, Cancellation);
            File.SetUnixFileMode(
                script,
                UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute
                | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        }

        return real with { Folder = programs };
    }
}
