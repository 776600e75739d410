using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Operations;

/// <summary>
/// Histories are bounded: after the pruning, nothing is left that is older than it is kept, however much there was.
/// </summary>
public sealed class RetentionTests(PostgresServer server) : CoreTestBase(server)
{
    private static readonly Dictionary<string, (string Insert, long Left)> Tables = new()
    {
        ["isolation_proofs"] = ("""
            (id, database_id, credential_id, tenant_id, operation_id, cause, role_name, started_at, finished_at,
             verdict, attempts, is_last)
            SELECT gen_random_uuid(), '00000000-0000-0000-0000-000000000007', gen_random_uuid(), NULL,
                gen_random_uuid(), 'nightly', 'r', now() - i * interval '1 day',
                now() - i * interval '1 day' + interval '1 minute', CASE WHEN i % 10 = 3 THEN 'broken' ELSE 'held' END,
                '[]', false
            FROM generate_series(1, 120) i
            """, 7 + 8),
        ["outbox_messages"] = ("""
            (id, kind, recipient, subject, created_at, state, attempts, not_before, expires_at)
            SELECT gen_random_uuid(), 'x', 'a@b.pe', 's', now() - i * interval '1 day',
                CASE WHEN i % 10 = 3 THEN 'pending' ELSE 'sent' END, 0, now() + interval '1 day',
                now() + interval '1 day'
            FROM generate_series(1, 120) i
            """, 89 + 3),
        ["idempotent_requests"] = ("""
            (staff_id, key, request_hash, created_at)
            SELECT gen_random_uuid(), 'k' || i, '', now() - i * interval '1 hour' + interval '1 minute'
            FROM generate_series(1, 120) i
            """, 24),
        ["staff_sessions"] = ("""
            (id, staff_id, created_at, method, last_input_at, ended_at)
            SELECT gen_random_uuid(), (SELECT id FROM portal.staff LIMIT 1), now() - i * interval '1 day', 'password',
                now(), CASE WHEN i % 2 = 0 THEN now() - i * interval '1 day' + interval '1 minute' END
            FROM generate_series(1, 400) i
            """, 45 + 90),
        ["sign_in_tries"] = ("""
            (key, failures, last_at)
            SELECT int4send(i), CASE WHEN i % 2 = 0 THEN 24 ELSE 25 END, now() - i * interval '1 day'
                + interval '1 minute'
            FROM generate_series(1, 120) i
            """, 4),
        ["audit_checks"] = ("""
            (id, at, rows, broken, is_last)
            SELECT gen_random_uuid(), now() - i * interval '1 day' + interval '1 minute', 1, 0, i = 120
            FROM generate_series(1, 120) i
            """, 90 + 1),

        // Personal tokens have a name and are kept.
        ["api_tokens"] = ("""
            (id, staff_id, name, token_hash, prefix, created_at, expires_at)
            SELECT gen_random_uuid(), (SELECT id FROM portal.staff LIMIT 1), CASE WHEN i % 10 = 3 THEN 'n' || i END,
                sha256(int4send(i)), 'p', now() - interval '1 year', now() - i * interval '1 day' + interval '1 minute'
            FROM generate_series(1, 120) i
            """, 90 + 3),
        // Every third one was revoked before its end.
        ["service_tokens"] = ("""
            (id, account_id, token_hash, prefix, created_at, expires_at, revoked_at)
            SELECT gen_random_uuid(), gen_random_uuid(), sha256(int4send(i)), 'p', now() - interval '1 year',
                CASE WHEN i % 3 = 0 THEN now() + interval '1 year'
                    ELSE now() - i * interval '1 day' + interval '1 minute' END,
                CASE WHEN i % 3 = 0 THEN now() - i * interval '1 day' + interval '1 minute' END
            FROM generate_series(1, 120) i
            """, 90),
        ["tenant_aliases"] = ("""
            (name, tenant_id, started_at, ends_at, operation_id)
            SELECT 'n' || i, i, now() - i * interval '1 day', now() - i * interval '1 day' + interval '30 days'
                + interval '1 minute', gen_random_uuid()
            FROM generate_series(1, 120) i
            """, 30),
        ["operations"] = ("""
            (id, kind, state, server_id, requested_by_name, data, priority, attempt, crashes, epoch, created_at,
             finished_at, progress)
            SELECT ('00000000-0000-0000-0002-' || lpad(i::text, 12, '0'))::uuid, 'prune_history',
                CASE WHEN i % 10 = 3 THEN 'failed' ELSE 'succeeded' END, 1, 'Vigia Portal', '{}', 10, 0, 0, 0,
                now() - i * interval '1 day', now() - i * interval '1 day' + interval '1 minute', 100
            FROM generate_series(1, 120) i
            """, 90 + 3),
        ["operation_steps"] = ("""
            (operation_id, ordinal, name, state, attempt)
            SELECT ('00000000-0000-0000-0002-' || lpad(i::text, 12, '0'))::uuid, 0, 'prune', 'done', 0
            FROM generate_series(1, 120) i
            """, 90 + 3),
        ["operation_items"] = ("""
            (operation_id, tenant_id, state)
            SELECT ('00000000-0000-0000-0002-' || lpad(i::text, 12, '0'))::uuid, n,
                CASE WHEN n % 100 = 0 THEN 'failed' WHEN n % 2 = 0 THEN 'skipped' ELSE 'done' END
            FROM generate_series(1, 120) i, generate_series(1, 300) n
            """, (7 * 300) + ((90 + 3 - 7) * 3)),
    };

    // Why the other tables don't grow without end, or must.
    private static readonly Dictionary<string, string> KeptBecause = new()
    {
        ["audit_events"] = "the audit trail, which nobody shortens",
        ["audit_head"] = "one row for each instance, server, recurring job, setting or role, or a fixed number",
        ["connection_shares"] = "one row for each instance, server, recurring job, setting or role, or a fixed number",
        ["database_servers"] = "one row for each instance, server, recurring job, setting or role, or a fixed number",
        ["instance"] = "one row for each instance, server, recurring job, setting or role, or a fixed number",
        ["migrations"] = "one row for each migration of a build",
        ["outside_roles"] = "one row for each instance, server, recurring job, setting or role, or a fixed number",
        ["plans"] = "one row for each instance, server, recurring job, setting or role, or a fixed number",
        ["recorded_settings"] = "one row for each instance, server, recurring job, setting or role, or a fixed number",
        ["recurring_ticks"] = "one row for each instance, server, recurring job, setting or role, or a fixed number",
        ["role_rights"] = "one row for each instance, server, recurring job, setting or role, or a fixed number",
        ["staff_roles"] = "one row for each instance, server, recurring job, setting or role, or a fixed number",
        ["staff"] = "people, and what they hold; a number of rows for each",
        ["staff_claims"] = "people, and what they hold; a number of rows for each",
        ["staff_logins"] = "people, and what they hold; a number of rows for each",
        ["staff_passkeys"] = "people, and what they hold; a number of rows for each",
        ["staff_role_claims"] = "people, and what they hold; a number of rows for each",
        ["staff_role_grants"] = "people, and what they hold; a number of rows for each",
        ["staff_role_members"] = "people, and what they hold; a number of rows for each",
        ["staff_scopes"] = "people, and what they hold; a number of rows for each",
        ["staff_tokens"] = "people, and what they hold; a number of rows for each",
        ["service_accounts"] = "people, and what they hold; a number of rows for each",
        ["data_protection_keys"] = "people, and what they hold; a number of rows for each",
        ["approvals"] = "history that decides who may approve what, or shows who had access; people make it",
        ["staff_influences"] = "history that decides who may approve what, or shows who had access; people make it",
        ["staff_invitations"] = "history that decides who may approve what, or shows who had access; people make it",
        ["databases"] = "tenants and their databases; one row for each, also when they are gone",
        ["observed_databases"] = "tenants and their databases; one row for each, also when they are gone",
        ["tenant_contents"] = "tenants and their databases; one row for each, also when they are gone",
        ["tenant_credentials"] = "tenants and their databases; one row for each, also when they are gone",
        ["tenant_invitations"] = "tenants and their databases; one row for each, also when they are gone",
        ["tenant_search"] = "tenants and their databases; one row for each, also when they are gone",
        ["tenant_trash"] = "tenants and their databases; one row for each, also when they are gone",
        ["adoptions"] = "how a database was before its adoption; one row for each adoption, for good",
        ["passkey_challenges"] = "removed when the next one is made",
    };

    [Fact]
    public async Task Tables_EachOne_IsPrunedOrKeptForAReason()
    {
        await using var session = await PostgresServer.OpenAsync(
            Server.SuperuserUrl(Host.Master.Database), Cancellation);
        await using var command = new Npgsql.NpgsqlCommand(
            "SELECT array_agg(relname::text ORDER BY relname) FROM pg_class "
            + "WHERE relnamespace = 'portal'::regnamespace AND relkind IN ('r', 'p')", session);
        var tables = (string[])(await command.ExecuteScalarAsync(Cancellation))!;

        Assert.Equal(tables, Tables.Keys.Concat(KeptBecause.Keys).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Prune_EveryHistoryTable_KeepsOnlyTheRetainedRows()
    {
        var prunings = Host.Services.GetServices<HistoryPruning>().Select(p => p.Name).Order();
        Assert.Equal(Tables.Keys.Order(), prunings);
        var before = new Dictionary<string, long>();
        foreach (var table in new[] { "operations" }.Concat(Tables.Keys.Except(["operations"])))
        {
            before[table] = await CountAsync(table);
            if (Tables[table].Insert is { Length: > 0 } insert)
            {
                await PostgresServer.ExecuteAsync(
                    Server.SuperuserUrl(Host.Master.Database),
                    $"SET session_replication_role = replica; INSERT INTO portal.{table} {insert}", Cancellation);
            }
        }

        Guid run;
        await using (var db = await Host.OpenMasterAsync())
        {
            run = Host.Get<OperationQueue>().EnqueueRun(db, new OperationKind("prune_history"), "prune_history").Id;
            await db.SaveChangesAsync(Cancellation);
        }

        var ended = await Host.EndOfAsync(run);

        Assert.True(ended.State == OperationState.Succeeded, $"{ended.Error}");
        foreach (var (table, (_, left)) in Tables)
        {
            // The run itself has left its row and its step.
            var own = table is "operations" or "operation_steps" ? 1 : 0;
            Assert.True(before[table] + left + own == await CountAsync(table), $"{table}: {await CountAsync(table)}");
        }
    }

    [Fact]
    public async Task Prune_RoutineOperationNamedByTheTrail_IsKept()
    {
        await PostgresServer.ExecuteAsync(
            Server.SuperuserUrl(Host.Master.Database),
            $"""
            INSERT INTO portal.operations {Tables["operations"].Insert};
            INSERT INTO portal.audit_events (seq, at, actor_name, action, operation_id, body, previous_hash, hash)
            VALUES (9999, now(), 'Ana', 'x', '00000000-0000-0000-0002-000000000119', '', '', '')
            """, Cancellation);
        await using var db = await Host.OpenMasterAsync();
        var now = DateTimeOffset.UtcNow;
        var removed = 0;
        foreach (var pruning in Host.Services.GetServices<HistoryPruning>().Where(p => p.Name == "operations"))
        {
            removed += await pruning.RunAsync(db, now, 10, Cancellation);
            removed += await pruning.RunAsync(db, now, 10_000, Cancellation);
        }

        Assert.Equal(26, removed);
        Assert.Equal(1L, await Host.ScalarAsync<long>(
            Host.Master.Database,
            "SELECT count(*) FROM portal.operations WHERE id = '00000000-0000-0000-0002-000000000119'"));
    }

    private Task<long> CountAsync(string table) =>
        Host.ScalarAsync<long>(Host.Master.Database, $"SELECT count(*) FROM portal.{table}");
}
