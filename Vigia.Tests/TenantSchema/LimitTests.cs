using System.Data;
using Npgsql;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Databases;
using Vigia.Core.TenantSchema;
using Vigia.Portal.Api;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.TenantSchema;

/// <summary>The database enforces the limits for every writer. See docs/rules.md#limits.</summary>
public sealed class LimitTests(TenantDatabases databases) : IClassFixture<TenantDatabases>
{
    private static int Rounds => Environment.GetEnvironmentVariable("VIGIA_FAULT_ROUNDS") is null ? 25 : 100;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>
    /// Each round leaves one free place per limit, and all sessions try to take it at the same moment.
    /// </summary>
    [Theory]
    [InlineData(IsolationLevel.ReadCommitted, 50, "users")]
    [InlineData(IsolationLevel.RepeatableRead, 50, "users")]
    [InlineData(IsolationLevel.Serializable, 50, "users")]
    [InlineData(IsolationLevel.ReadCommitted, 4, "establecimientos", "comprobantes")]
    [InlineData(IsolationLevel.RepeatableRead, 4, "establecimientos", "comprobantes")]
    [InlineData(IsolationLevel.Serializable, 4, "establecimientos", "comprobantes")]
    public async Task LastFreeSeat_ManySessionsAtOnce_ExactlyOneGetsIt(
        IsolationLevel level, int atOnce, params string[] tables)
    {
        var url = await databases.CreateAsync();
        var settings = new NpgsqlConnectionStringBuilder(
            databases.AsTenant(url).ConnectionString)
        { MaxPoolSize = atOnce * tables.Length, Timeout = 60 };
#pragma warning disable RS0030 // Fifty sessions at once are a pool's work.
        await using var source = new NpgsqlDataSourceBuilder(settings.ConnectionString).Build();
#pragma warning restore RS0030
        for (var round = 1; round <= Rounds; round++)
        {
            await PostgresServer.ExecuteAsync(
                url,
                "UPDATE tenant_limits SET limitar_emision = true, "
                + string.Join(", ", tables.Select(t => $"{LimitOf(t)} = {round}")), Cancellation);
            var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var number = round * 100;
            var sessions = tables.ToDictionary(
                t => t, t => Enumerable.Range(0, atOnce)
                .Select(i => TakeAsync(source, level, Insert(t), number + i, go.Task)).ToArray());
            go.SetResult();
            foreach (var (table, wanting) in sessions)
            {
                var refused = (await Task.WhenAll(wanting)).OfType<RuleException>().ToList();

                Assert.Equal(atOnce - 1, refused.Count);
                Assert.All(refused, r =>
                    Assert.Equal(new Message("limit_reached", $"@{LimitOf(table)}", $"{round}", $"{round}"), r.Reason));
                Assert.Equal(round, await TenantDatabases.ScalarAsync<long>(url, $"SELECT count(*) FROM {table}"));
            }
        }
    }

    [Theory]
    [InlineData("INSERT INTO users (email, hashed_password) SELECT 'm' || i, 'x' FROM generate_series(1, 3) i")]
    [InlineData("INSERT INTO users (email, hashed_password) VALUES ('c', 'x'); UPDATE users SET is_active = true")]
    [InlineData("WITH n AS (INSERT INTO users (email, hashed_password) VALUES ('w', 'x') RETURNING id) "
        + "INSERT INTO users (email, hashed_password) SELECT 'v', 'x' FROM n")]
    [InlineData("MERGE INTO users u USING (VALUES ('uno'), ('otra'), ('mas')) v (email) ON u.email = v.email "
        + "WHEN MATCHED THEN UPDATE SET is_active = true "
        + "WHEN NOT MATCHED THEN INSERT (email, hashed_password) VALUES (v.email, 'x')")]
    [InlineData("DO $$ BEGIN INSERT INTO users (email, hashed_password) VALUES ('d', 'x'); "
        + "INSERT INTO users (email, hashed_password) VALUES ('e', 'x'); END $$")]
    public async Task OneTooMany_InEveryKindOfStatement_IsRefused(string sql)
    {
        var url = await databases.CreateAsync();
        await PostgresServer.ExecuteAsync(
            url,
            """
            INSERT INTO users (email, hashed_password) VALUES ('uno', 'x');
            INSERT INTO users (email, hashed_password, is_active) VALUES ('dos', 'x', false);
            UPDATE tenant_limits SET max_usuarios = 2
            """, Cancellation);

        var refused = await TenantDatabases.RefusedAsync(databases.AsTenant(url), sql);

        Assert.Equal((LimitReached.SqlState, "max_usuarios", "tenant_limits"),
            (refused.SqlState, refused.ColumnName, refused.TableName));
        Assert.Equal(1, await CountedAsync(url, "max_usuarios"));
        Assert.Equal(2, await TenantDatabases.ScalarAsync<long>(url, "SELECT count(*) FROM users"));
    }

    [Fact]
    public async Task Seats_UsersDeactivatedAndUpserted_AreCountedCorrectly()
    {
        var url = await databases.CreateAsync();
        var tenant = databases.AsTenant(url);
        await PostgresServer.ExecuteAsync(url, "UPDATE tenant_limits SET max_usuarios = 2", Cancellation);
        await PostgresServer.ExecuteAsync(
            tenant, "INSERT INTO users (email, hashed_password) VALUES ('a', 'x'), ('b', 'x')", Cancellation);

        // Only a row that was really inserted is counted.
        await PostgresServer.ExecuteAsync(
            tenant, "INSERT INTO users (email, hashed_password) VALUES ('a', 'x') ON CONFLICT DO NOTHING",
            Cancellation);
        await PostgresServer.ExecuteAsync(
            tenant,
            """
            INSERT INTO users (email, hashed_password) VALUES ('a', 'y')
            ON CONFLICT (lower(email)) DO UPDATE SET hashed_password = 'y'
            """, Cancellation);
        Assert.Equal(2, await CountedAsync(url, "max_usuarios"));

        await PostgresServer.ExecuteAsync(
            tenant,
            """
            UPDATE users SET is_active = false WHERE email = 'a';
            INSERT INTO users (email, hashed_password) VALUES ('c', 'x')
            """, Cancellation);
        Assert.Equal(LimitReached.SqlState,
            (await TenantDatabases.RefusedAsync(
            tenant, "UPDATE users SET is_active = true WHERE email = 'a'")).SqlState);
        await PostgresServer.ExecuteAsync(
            tenant, "DELETE FROM users WHERE email = 'b'; UPDATE users SET is_active = true WHERE email = 'a'",
            Cancellation);
        Assert.Equal(2, await CountedAsync(url, "max_usuarios"));
    }

    [Fact]
    public async Task Limit_CopyAndPsql_AreRefusedToo()
    {
        var url = await databases.CreateAsync();
        await PostgresServer.ExecuteAsync(url, "UPDATE tenant_limits SET max_establecimientos = 1", Cancellation);
        await using (var session = await PostgresServer.OpenAsync(databases.AsTenant(url), Cancellation))
        {
            var writer = await session.BeginTextImportAsync("COPY establecimientos (nombre) FROM STDIN", Cancellation);
            await writer.WriteAsync("uno\ndos\n");
            Assert.Equal(LimitReached.SqlState,
                (await Assert.ThrowsAsync<PostgresException>(() => writer.DisposeAsync().AsTask())).SqlState);
        }

        var psql = await Psql.RunAsync(
            databases.AsTenant(url), "INSERT INTO establecimientos (nombre) VALUES ('uno'), ('dos')", Cancellation);

        Assert.NotEqual(0, psql.ExitCode);
        Assert.Contains("max_establecimientos reached: 0 of 1 in use", psql.Error, StringComparison.Ordinal);
        Assert.Contains("HINT:", psql.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limit_SuperuserWithReplicationRole_IsRefusedToo()
    {
        var url = await databases.CreateAsync();
        var super = databases.Server.SuperuserUrl(url.Database);
        await PostgresServer.ExecuteAsync(url, "UPDATE tenant_limits SET max_usuarios = 1", Cancellation);

        await PostgresServer.ExecuteAsync(
            super,
            "SET session_replication_role = replica; INSERT INTO users (email, hashed_password) VALUES ('a', 'x')",
            Cancellation);
        var refused = await TenantDatabases.RefusedAsync(
            super,
            "SET session_replication_role = replica; INSERT INTO users (email, hashed_password) VALUES ('b', 'x')");

        Assert.Equal(LimitReached.SqlState, refused.SqlState);
        Assert.Equal(1, await CountedAsync(url, "max_usuarios"));
        Assert.Equal(1, await TenantDatabases.ScalarAsync<long>(
            url, "SELECT count(*) FROM audit_log WHERE entity = 'users'"));
    }

    [Fact]
    public async Task Counter_WithoutALimit_StillCounts()
    {
        var url = await databases.CreateAsync();
        var tenant = databases.AsTenant(url);
        await PostgresServer.ExecuteAsync(
            tenant, "INSERT INTO users (email, hashed_password) SELECT 'u' || i, 'x' FROM generate_series(1, 5) i",
            Cancellation);
        await PostgresServer.ExecuteAsync(
            tenant, Insert("comprobantes").Replace("$1", "1", StringComparison.Ordinal), Cancellation);
        Assert.Equal((5, 1), (await CountedAsync(url, "max_usuarios"), await CountedAsync(url, "max_comprobantes")));

        // The limit is lowered below the current usage. Nothing is removed, and nothing can be added.
        await PostgresServer.ExecuteAsync(
            url, "UPDATE tenant_limits SET max_usuarios = 3, max_comprobantes = 1, limitar_emision = true",
            Cancellation);
        var refused = await TenantDatabases.RefusedAsync(
            tenant, "INSERT INTO users (email, hashed_password) VALUES ('more', 'x')");
        Assert.Equal("max_usuarios reached: 5 of 3 in use", refused.MessageText);
        Assert.Equal(LimitReached.SqlState,
            (await TenantDatabases.RefusedAsync(
            tenant, Insert("comprobantes").Replace("$1", "2", StringComparison.Ordinal))).SqlState);
        await PostgresServer.ExecuteAsync(
            tenant, "UPDATE users SET username = 'u' || id; UPDATE users SET is_active = false WHERE email = 'u1'",
            Cancellation);
        Assert.Equal(4, await CountedAsync(url, "max_usuarios"));

        await PostgresServer.ExecuteAsync(url, "UPDATE tenant_limits SET limitar_emision = false", Cancellation);
        await PostgresServer.ExecuteAsync(
            tenant, Insert("comprobantes").Replace("$1", "3", StringComparison.Ordinal), Cancellation);
        Assert.Equal(2, await CountedAsync(url, "max_comprobantes"));
    }

    [Theory]
    [InlineData("2026-12-01 04:59:59.999+00", "2026-11-01")]
    [InlineData("2026-12-01 05:00:00+00", "2026-12-01")]
    [InlineData("2027-01-01 04:59:59+00", "2026-12-01")]
    [InlineData("2028-03-01 00:00:00-05", "2028-03-01")]
    public async Task Month_OfADocument_IsThatOfLima(string instant, string month)
    {
        var url = await databases.SharedAsync();
        Assert.Equal(month, await TenantDatabases.ScalarAsync<string>(url, $"SELECT lima_month('{instant}')::text"));
    }

    [Fact]
    public async Task Documents_Issued_CountByTheDatabasesClock()
    {
        var url = await databases.CreateAsync();
        var tenant = databases.AsTenant(url);

        // Last month was full, but this month is not.
        await PostgresServer.ExecuteAsync(
            url,
            """
            UPDATE tenant_limits SET max_comprobantes = 2, limitar_emision = true;
            INSERT INTO tenant_usage (limite, periodo, usado, maximo)
            VALUES ('max_comprobantes', lima_month(now() - interval '1 month'), 2, 2)
            """, Cancellation);

        // A draft is not issued. Neither the date printed on a document nor the month that a writer sends decides the
        // month.
        await PostgresServer.ExecuteAsync(
            tenant,
            """
            INSERT INTO comprobantes (tipo, serie, numero, fecha_emision)
            VALUES ('factura', 'F001', 1, '2001-01-01')
            """, Cancellation);
        Assert.Equal(0, await CountedAsync(url, "max_comprobantes"));
        await PostgresServer.ExecuteAsync(
            tenant, "UPDATE comprobantes SET estado = 'emitido', periodo = '2001-01-01', emitido_en = '2001-01-01'",
            Cancellation);
        await PostgresServer.ExecuteAsync(
            tenant,
            """
            INSERT INTO comprobantes (tipo, serie, numero, fecha_emision, estado, periodo)
            VALUES ('factura', 'F001', 2, '2001-01-01', 'emitido', '2001-01-01')
            """, Cancellation);
        Assert.Equal(2, await CountedAsync(url, "max_comprobantes"));
        Assert.True(await TenantDatabases.ScalarAsync<bool>(
            url,
            "SELECT bool_and(periodo = lima_month(now()) AND emitido_en > now() - interval '1 hour') "
            + "FROM comprobantes"));

        // An annulled document was issued all the same. It can neither become a draft again nor be deleted.
        await PostgresServer.ExecuteAsync(
            tenant, "UPDATE comprobantes SET estado = 'anulado' WHERE numero = 1", Cancellation);
        Assert.Equal(PostgresErrorCodes.RestrictViolation,
            (await TenantDatabases.RefusedAsync(tenant, "UPDATE comprobantes SET estado = 'borrador'")).SqlState);
        Assert.Equal(PostgresErrorCodes.RestrictViolation,
            (await TenantDatabases.RefusedAsync(tenant, "DELETE FROM comprobantes WHERE numero = 2")).SqlState);
        Assert.Equal(PostgresErrorCodes.RestrictViolation,
            (await TenantDatabases.RefusedAsync(
            tenant, "UPDATE comprobantes SET es_demo = true; DELETE FROM comprobantes")).SqlState);
        Assert.Equal(LimitReached.SqlState,
            (await TenantDatabases.RefusedAsync(
            tenant, Insert("comprobantes").Replace("$1", "3", StringComparison.Ordinal))).SqlState);
        Assert.Equal(2, await CountedAsync(url, "max_comprobantes"));
    }

    /// <summary>
    /// An issued document can only be annulled. Only demonstration data can be deleted, and only the portal can mark a
    /// row as such.
    /// </summary>
    [Theory]
    [InlineData("INSERT INTO comprobantes (tipo, serie, numero, fecha_emision, estado, es_demo) "
        + "VALUES ('factura', 'F001', 1, '2026-11-01', 'emitido', true)")]
    [InlineData("INSERT INTO comprobantes (tipo, serie, numero, fecha_emision) "
        + "VALUES ('factura', 'F001', 1, '2026-11-01'); "
        + "UPDATE comprobantes SET es_demo = true; UPDATE comprobantes SET estado = 'emitido'")]
    public async Task DemoFlag_SetByTheTenant_DoesNotMakeADocumentDeletable(string issue)
    {
        var url = await databases.CreateAsync();
        var tenant = databases.AsTenant(url);
        await PostgresServer.ExecuteAsync(tenant, issue, Cancellation);
        Assert.Equal(PostgresErrorCodes.RestrictViolation,
            (await TenantDatabases.RefusedAsync(tenant, "DELETE FROM comprobantes")).SqlState);

        await PostgresServer.ExecuteAsync(
            url, issue.Replace(", 1, ", ", 2, ", StringComparison.Ordinal) + "; DELETE FROM comprobantes WHERE es_demo",
            Cancellation);

        Assert.Equal(1L, await TenantDatabases.ScalarAsync<long>(url, "SELECT count(*) FROM comprobantes"));
        Assert.Equal(2, await CountedAsync(url, "max_comprobantes"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Refusal_OverTheApi_Returns409WithTheLimit(bool throughEf)
    {
        var url = await databases.CreateAsync();
        await PostgresServer.ExecuteAsync(url, "UPDATE tenant_limits SET max_usuarios = 0", Cancellation);
        await using var session = await PostgresServer.OpenAsync(databases.AsTenant(url), Cancellation);
        await using var db = TenantContextFactory.On(session);
        db.Users.Add(new TenantUser { Email = "one@acme.pe", HashedPassword = "x" });
        var refused = throughEf
            ? await Assert.ThrowsAnyAsync<Exception>(() => db.SaveChangesAsync(Cancellation))
            : await TenantDatabases.RefusedAsync(
                databases.AsTenant(url), Insert("users").Replace("$1", "1", StringComparison.Ordinal));

        var problem = Problem.Of(refused);

        Assert.Equal((409, new Message("limit_reached", "@max_usuarios", "0", "0")), (problem.Status, problem.Reason));
        Assert.Equal("Se llegó al límite de usuarios: 0 de 0 en uso.",
            problem.Reason.Render(System.Globalization.CultureInfo.GetCultureInfo("es-PE")));
    }

    /// <summary>
    /// The limit is lowered after a transaction took its snapshot. The transaction sees the old limit, but must not
    /// exceed the new one.
    /// </summary>
    [Theory]
    [InlineData("users")]
    [InlineData("comprobantes")]
    public async Task Limit_LoweredDuringAnOldSnapshot_IsEnforced(string table)
    {
        var url = await databases.CreateAsync();
        await PostgresServer.ExecuteAsync(
            url, $"UPDATE tenant_limits SET limitar_emision = true, {LimitOf(table)} = 5", Cancellation);
        await using var session = await PostgresServer.OpenAsync(databases.AsTenant(url), Cancellation);
        await using var transaction = await session.BeginTransactionAsync(IsolationLevel.RepeatableRead, Cancellation);
        await TenantDatabases.ScalarAsync<long>(session, "SELECT count(*) FROM users");

        await PostgresServer.ExecuteAsync(url, $"UPDATE tenant_limits SET {LimitOf(table)} = 0", Cancellation);

        await using var insert =
            new NpgsqlCommand(Insert(table), session, transaction) { Parameters = { new() { Value = 1 } } };
        Assert.Equal(PostgresErrorCodes.SerializationFailure,
            (await Assert.ThrowsAsync<PostgresException>(() => insert.ExecuteNonQueryAsync(Cancellation))).SqlState);
    }

    [Theory]
    [InlineData("UPDATE tenant_limits SET max_usuarios = 1000")]
    [InlineData("DELETE FROM tenant_limits")]
    [InlineData("UPDATE tenant_usage SET usado = 0")]
    [InlineData("UPDATE tenant_usage SET maximo = 1000")]
    [InlineData("INSERT INTO audit_log (id, actor, action) OVERRIDING SYSTEM VALUE VALUES (1, 'x', 'y'); "
        + "DELETE FROM audit_log")]
    [InlineData("INSERT INTO tenant_usage (limite, periodo) VALUES ('max_usuarios', '2001-01-01')")]
    [InlineData("INSERT INTO user_roles (user_id, role_id) VALUES (1, 1)")]
    [InlineData("DELETE FROM user_roles")]
    [InlineData("UPDATE roles SET permissions = '{}'")]
    [InlineData("ALTER TABLE users DISABLE TRIGGER users_count_insert")]
    [InlineData("ALTER TABLE users DISABLE TRIGGER ALL")]
    [InlineData("DROP TRIGGER users_count_insert ON users")]
    [InlineData("SET session_replication_role = replica")]
    [InlineData("SELECT count_against_limit('max_usuarios', '-infinity', -5)")]
    [InlineData("CREATE OR REPLACE FUNCTION count_active() RETURNS trigger LANGUAGE plpgsql "
        + "AS 'BEGIN RETURN NULL; END'")]
    [InlineData("CREATE TEMP TABLE tenant_usage (limite text)")]
    [InlineData("TRUNCATE users CASCADE")]
    [InlineData("TRUNCATE establecimientos, comprobantes")]
    [InlineData("TRUNCATE icsr CASCADE")]
    [InlineData("UPDATE audit_log SET actor = 'nobody'")]
    [InlineData("DELETE FROM audit_log")]
    public async Task TenantRole_ChangingLimitsOrTriggers_IsRefused(string sql)
    {
        var url = await databases.SharedAsync();

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege,
            (await TenantDatabases.RefusedAsync(databases.AsTenant(url), sql)).SqlState);
    }

    [Fact]
    public async Task Truncate_ByTheOwner_IsRefusedToo()
    {
        var url = await databases.CreateAsync();
        foreach (var table in new[] { "users", "establecimientos", "comprobantes", "audit_log" })
        {
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege,
                (await TenantDatabases.RefusedAsync(url, $"TRUNCATE {table} CASCADE")).SqlState);
        }
    }

    private static string LimitOf(string table) =>
        table switch
        {
            "users" => "max_usuarios",
            "establecimientos" => "max_establecimientos",
            _ => "max_comprobantes"
        };

    private static string Insert(string table) => table switch
    {
        "users" => "INSERT INTO users (email, hashed_password) VALUES ('u' || $1::integer, 'x')",
        "establecimientos" => "INSERT INTO establecimientos (codigo, nombre) VALUES (($1::integer)::text, 'Local')",
        _ => "INSERT INTO comprobantes (tipo, serie, numero, fecha_emision, estado) "
            + "VALUES ('factura', 'F001', $1, '2026-11-01', 'emitido')",
    };

    private static async Task<int> CountedAsync(PostgresUrl url, string limit) =>
        await TenantDatabases.ScalarAsync<int>(
            url,
            $"SELECT usado FROM tenant_usage WHERE limite = '{limit}' AND periodo IN ('-infinity', lima_month(now()))");

    // Writes as all code of the portal does: it retries after a conflict with another session.
    private static async Task<RuleException?> TakeAsync(
        NpgsqlDataSource source, IsolationLevel level, string sql, int number, Task go)
    {
        await using var session = await source.OpenConnectionAsync(Cancellation);
        await go;
        try
        {
            return await TenantTransaction.RunAsync<RuleException?>(
                session, level, async (transaction, cancellationToken) =>
            {
                await using var insert =
                    new NpgsqlCommand(sql, session, transaction) { Parameters = { new() { Value = number } } };
                await insert.ExecuteNonQueryAsync(cancellationToken);
                return null;
            }, TimeProvider.System, Cancellation);
        }
        catch (RuleException refused)
        {
            return refused;
        }
    }
}
