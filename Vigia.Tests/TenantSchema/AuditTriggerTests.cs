using System.Text.Json;
using Npgsql;
using Vigia.Core.Foundation.Configuration;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.TenantSchema;

/// <summary>
/// Every change of a regulated table is recorded, no matter which program makes it. The application can't omit the
/// record, and the tenant's role can't change it.
/// </summary>
public sealed class AuditTriggerTests(TenantDatabases databases) : IClassFixture<TenantDatabases>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Change_OfACase_RecordsPersonTimeAndBothValues()
    {
        var url = await databases.CreateAsync();
        await using var session = await PostgresServer.OpenAsync(databases.AsTenant(url), Cancellation);
        await TenantDatabases.ScalarAsync<string>(
            session,
            "SELECT set_config('vigia.user_id', '7', false), set_config('vigia.actor', 'Ana Ruiz', false), "
            + "set_config('vigia.trace_id', 'abc', false)");

        var id = await TenantDatabases.ScalarAsync<int>(
            session, "INSERT INTO icsr (numero, estado) VALUES ('2026-1', 'Pendiente') RETURNING id");
        await TenantDatabases.ScalarAsync<int>(session, "UPDATE icsr SET estado = 'En progreso', gravedad = gravedad");
        await TenantDatabases.ScalarAsync<int>(session, "UPDATE icsr SET gravedad = gravedad");
        await TenantDatabases.ScalarAsync<int>(session, "DELETE FROM icsr");

        var records = await RecordsAsync(url, "icsr");
        Assert.Equal(["INSERT", "UPDATE", "DELETE"], records.Select(r => r.Action));
        Assert.All(records, r =>
            Assert.Equal((7, "Ana Ruiz", "abc", $"{id}", "trigger"),
            (r.UserId, r.Actor, r.Trace, r.EntityId, r.Source)));
        Assert.All(records, r => Assert.StartsWith("test_tenant_", r.DbRole, StringComparison.Ordinal));
        Assert.Equal(("{}", """{"estado": "Pendiente"}""", """{"estado": "En progreso"}"""),
            (records[0].Before, records[1].Before, records[1].After));
        using var inserted = JsonDocument.Parse(records[0].After);
        using var deleted = JsonDocument.Parse(records[2].Before);
        Assert.Equal("2026-1", inserted.RootElement.GetProperty("numero").GetString());
        Assert.Equal("En progreso", deleted.RootElement.GetProperty("estado").GetString());
    }

    [Fact]
    public async Task Children_DeletedWithTheirCase_AreRecorded()
    {
        var url = await databases.CreateAsync();
        var tenant = databases.AsTenant(url);
        await PostgresServer.ExecuteAsync(
            tenant,
            """
            WITH c AS (INSERT INTO icsr (numero) VALUES ('1') RETURNING id)
            INSERT INTO icsr_events (icsr_id, texto) SELECT id, 'Cefalea' FROM c
            """, Cancellation);

        await PostgresServer.ExecuteAsync(tenant, "DELETE FROM icsr", Cancellation);

        Assert.Equal(["INSERT", "DELETE"], (await RecordsAsync(url, "icsr_events")).Select(r => r.Action));
    }

    [Fact]
    public async Task Secrets_Changed_AreRecordedWithoutTheirValues()
    {
        var url = await databases.CreateAsync();
        var tenant = databases.AsTenant(url);
        await PostgresServer.ExecuteAsync(
            tenant,
            """
            INSERT INTO users (email, hashed_password) VALUES ('a', 'first-secret');
            UPDATE users SET hashed_password = 'second-secret'
            """, Cancellation);

        var records = await RecordsAsync(url, "users");
        Assert.Equal("""{"hashed_password": "***"}""", records[1].After);
        Assert.DoesNotContain(
            "secret", string.Concat(records.Select(r => r.Before + r.After)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AuditLog_RecordOfTheApplication_CanNotImitateATrigger()
    {
        var url = await databases.CreateAsync();
        var tenant = databases.AsTenant(url);
        foreach (var (column, value) in new[] { ("created_at", "'2001-01-01'"), ("db_role", "'postgres'"),
            ("source", "'trigger'") })
        {
            var refused = await TenantDatabases.RefusedAsync(
                tenant,
                $"INSERT INTO audit_log (actor, action, entity, {column}) "
                + $"VALUES ('Ana', 'case_viewed', 'icsr', {value})");
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }

        await PostgresServer.ExecuteAsync(
            tenant, "INSERT INTO audit_log (actor, action, entity) VALUES ('Ana', 'case_viewed', 'icsr')",
            Cancellation);

        var record = Assert.Single(await RecordsAsync(url, "icsr"));
        Assert.Equal(("Ana", "application"), (record.Actor, record.Source));
        Assert.NotEqual("postgres", record.DbRole);
        Assert.True(await TenantDatabases.ScalarAsync<bool>(
            url, "SELECT created_at > now() - interval '1 hour' FROM audit_log"));
    }

    /// <summary>
    /// A record with a future key would make the next change fail. A sequence without remaining values would do the
    /// same.
    /// </summary>
    [Theory]
    [InlineData("INSERT INTO audit_log (id, actor, action) OVERRIDING SYSTEM VALUE VALUES (2, 'Ana', 'case_viewed')")]
    [InlineData("COPY audit_log (id, actor, action) FROM STDIN")]
    [InlineData("SELECT nextval('audit_log_id_seq')")]
    [InlineData("SELECT setval('audit_log_id_seq', 9223372036854775807)")]
    [InlineData("SELECT nextval('icsr_id_seq')")]
    public async Task AuditLog_SequenceUsedByTheTenant_IsRefused(string attempt)
    {
        var url = await databases.CreateAsync();
        var tenant = databases.AsTenant(url);

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege,
            (await TenantDatabases.RefusedAsync(tenant, attempt)).SqlState);

        await PostgresServer.ExecuteAsync(
            tenant, "INSERT INTO icsr (numero) VALUES ('1'); UPDATE icsr SET estado = 'En progreso'", Cancellation);
        Assert.Equal(["INSERT", "UPDATE"], (await RecordsAsync(url, "icsr")).Select(r => r.Action));
    }

    [Fact]
    public async Task Actor_NotANumberOrEmpty_DoesNotStopTheChange()
    {
        var url = await databases.CreateAsync();
        await PostgresServer.ExecuteAsync(
            databases.AsTenant(url),
            """
            SET vigia.user_id = 'x; DROP';
            SET vigia.actor = '';
            INSERT INTO senales (codigo, titulo, fecha_deteccion) VALUES ('S1', 'Señal', '2026-11-01')
            """, Cancellation);

        var record = Assert.Single(await RecordsAsync(url, "senales"));
        Assert.Equal((0, record.DbRole), (record.UserId, record.Actor));
    }

    private static async Task<List<Record>> RecordsAsync(PostgresUrl url, string entity)
    {
        await using var session = await PostgresServer.OpenAsync(url, Cancellation);
        await using var command = new NpgsqlCommand(
            """
            SELECT action, coalesce(user_id, 0), actor, coalesce(trace_id, ''), coalesce(entity_id, ''),
                coalesce(db_role, ''), source, coalesce(before, '{}')::text, coalesce(after, '{}')::text
            FROM audit_log WHERE entity = $1 ORDER BY id
            """, session)
        { Parameters = { new() { Value = entity } } };
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        var records = new List<Record>();
        while (await reader.ReadAsync(Cancellation))
        {
            records.Add(new Record(
                reader.GetString(0), reader.GetInt32(1), reader.GetString(2), reader.GetString(3), reader.GetString(4),
                reader.GetString(5), reader.GetString(6), reader.GetString(7), reader.GetString(8)));
        }

        return records;
    }

    private sealed record Record(
        string Action, int UserId, string Actor, string Trace, string EntityId, string DbRole, string Source,
        string Before, string After);
}
