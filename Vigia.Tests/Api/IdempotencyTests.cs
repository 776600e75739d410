using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Api;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Portal.Api;
using Vigia.Tests.Browser;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Api;

/// <summary>
/// The same key with the same body gets the same answer. Another body is refused. A simultaneous request is told to
/// wait.
/// </summary>
public sealed class IdempotencyTests(ApiHost host) : IClassFixture<ApiHost>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Key_SameRequestAgain_GetsTheSameAnswerAndIsNotDoneTwice()
    {
        using var api = await host.AsAdministratorAsync();
        var (key, body) = (NewKey(), ClientesTests.New(PortalTenants.NewName("idem")));

        var first = await api.PostAsync("clientes", body, key);
        var second = await api.PostAsync("clientes", body, key);

        first.Expect(202);
        Assert.Equal((first.Status, first.Text, first.Location, first.ContentType),
            (second.Status, second.Text, second.Location, second.ContentType));
        Assert.False(first.Headers.Contains("Idempotency-Replayed"));
        Assert.True(second.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal(1, (await api.GetAsync(
            $"audit?action=tenant.created&tenant_id={first.Json.GetProperty("cliente").GetProperty("id").GetInt32()}"))
            .Expect(200).GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task Key_UsedForAnotherRequest_IsRefusedExceptForAnotherPerson()
    {
        using var api = await host.AsAdministratorAsync();
        using var other = await host.AsAsync(StaffRoles.Operator);
        var key = NewKey();
        (await api.PostAsync(
            "clientes", ClientesTests.New(PortalTenants.NewName("idem"), c => c["provision"] = false), key))
            .Expect(201);

        (await api.PostAsync(
            "clientes", ClientesTests.New(PortalTenants.NewName("idem"), c => c["provision"] = false), key))
            .ExpectProblem(422, "idempotency_key_reused");
        (await api.PostAsync("clientes/1/provision", null, key)).ExpectProblem(422, "idempotency_key_reused");
        (await other.PostAsync(
            "clientes", ClientesTests.New(PortalTenants.NewName("idem"), c => c["provision"] = false), key))
            .Expect(201);
    }

    [Fact]
    public async Task Key_OfARefusedRequest_GetsTheSameRefusal()
    {
        using var api = await host.AsAdministratorAsync();
        var key = NewKey();

        var first = await api.PostAsync("clientes/987654/provision", null, key);
        var second = await api.PostAsync("clientes/987654/provision", null, key);

        first.ExpectProblem(404, "tenant_unknown");
        Assert.Equal(first.Text, second.Text);
    }

    [Fact]
    public async Task Key_OfAnInvitation_SendsOnceAndNeedsTheSameRight()
    {
        var id = await host.ReadyTenantAsync(PortalTenants.NewName("idem"));
        using var api = await host.AsAdministratorAsync();
        using var narrow = await host.WithRightsAsync(Rights.TenantsInvite);
        var key = NewKey();

        var first = await api.PostAsync($"clientes/{id}/invitation", new { }, key);
        var address = first.Expect(201).GetProperty("sent_to").GetString()!;

        Assert.Equal(first.Text, (await api.PostAsync($"clientes/{id}/invitation", new { }, key)).Text);
        (await narrow.PostAsync($"clientes/{id}/invitation", new { }, key))
            .ExpectProblem(422, "idempotency_key_reused");
        await using var db = await DbAsync();
        Assert.DoesNotContain(
            await db.Set<IdempotentRequest>().ToListAsync(Cancellation),
            row => row.ProtectedAnswer!.Contains(address, StringComparison.Ordinal));
        Assert.Equal(1, await db.Set<TenantInvitation>().CountAsync(i => i.TenantId == id, Cancellation));
    }

    [Fact]
    public async Task Key_WhileTheFirstRequestRuns_IsToldToWait()
    {
        using var api = await host.AsAdministratorAsync();
        var (id, _) = await host.RegisterAsync(PortalTenants.NewName("idem"), provision: false);
        var key = NewKey();
        await using var connection =
            await PostgresServer.OpenAsync(host.Postgres.SuperuserUrl(host.Master.Database), Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await using (var command =
            new NpgsqlCommand($"SELECT 1 FROM clientes_saas WHERE id = {id} FOR UPDATE", connection, transaction))
        {
            await command.ExecuteNonQueryAsync(Cancellation);
        }

        // The first one waits for the row that is locked above.
        var first = api.PostAsync($"clientes/{id}/provision", null, key);
        await Eventually.HoldsAsync("the key is taken", async () =>
        {
            await using var db = await DbAsync();
            return await db.Set<IdempotentRequest>()
                .AnyAsync(r => r.Key == key.Value && r.Status == null, Cancellation);
        }, Cancellation);
        var second = await api.PostAsync($"clientes/{id}/provision", null, key);
        await transaction.RollbackAsync(Cancellation);

        second.ExpectProblem(409, "request_in_progress");
        Assert.NotNull(second.Headers.RetryAfter);
        var accepted = await first;
        Assert.Equal(accepted.Text, (await api.PostAsync($"clientes/{id}/provision", null, key)).Text);
        await host.ReachAsync(
            accepted.Expect(202).GetProperty("operation").GetProperty("id").GetGuid(), OperationState.Succeeded);
    }

    // The process is alive, however long it takes.
    [Fact]
    public async Task Key_FirstRequestRunsOverFiveMinutes_IsStillToldToWait()
    {
        using var api = await host.AsAdministratorAsync();
        var id = await host.ReadyTenantAsync(PortalTenants.NewName("idem"));
        var key = NewKey();
        await using var connection = await HeldAsync(id);
        var first = api.PostAsync($"clientes/{id}/toggle", new { reason = "uno" }, key);
        await TakenAsync(key.Value);
        await AgeAsync(key.Value, "created_at");

        (await api.PostAsync($"clientes/{id}/toggle", new { reason = "uno" }, key))
            .ExpectProblem(409, "request_in_progress");

        await connection.CloseAsync();
        Assert.False((await first).Expect(200).GetProperty("is_active").GetBoolean());
        Assert.False((await api.PostAsync($"clientes/{id}/toggle", new { reason = "uno" }, key)).Expect(200)
            .GetProperty("is_active").GetBoolean());
    }

    // An attempt that looked dead but was not loses its key: of two attempts only the later one can commit.
    [Fact]
    public async Task Key_FirstAttemptDied_IsTakenOverAndDoneOnce()
    {
        using var api = await host.AsAdministratorAsync();
        var id = await host.ReadyTenantAsync(PortalTenants.NewName("idem"));
        var key = NewKey();
        await using var connection = await HeldAsync(id);
        var first = api.PostAsync($"clientes/{id}/toggle", new { is_active = false, reason = "uno" }, key);
        await TakenAsync(key.Value);
        await AgeAsync(key.Value, "created_at");
        await AgeAsync(key.Value, "alive_at");
        var second = api.PostAsync($"clientes/{id}/toggle", new { is_active = false, reason = "uno" }, key);
        await Eventually.HoldsAsync("both wait for the row", async () => await CountAsync(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')") >= 2,
            Cancellation);

        await connection.CloseAsync();
        var answers = new[] { await first, await second };

        // The first one either lost its key, or came second and found it done.
        Assert.Contains(answers[0].Status, new[] { 200, 409 });
        Assert.Equal(200, answers[1].Status);
        Assert.Equal(1, (await api.GetAsync($"audit?action=tenant.suspended&tenant_id={id}")).Expect(200)
            .GetProperty("total").GetInt32());
    }

    // A finished call is never answered with an error: an answer that can't be read is read again.
    [Fact]
    public async Task Key_AnswerOfACommittedRequestIsLost_IsBuiltAgain()
    {
        using var api = await host.AsAdministratorAsync();
        var key = NewKey();
        var body = ClientesTests.New(PortalTenants.NewName("idem"));
        var first = await api.PostAsync("clientes", body, key);
        first.Expect(202);
        await LoseAnswerAsync(key.Value);

        var second = await api.PostAsync("clientes", body, key);

        Assert.Equal(first.Location, second.Location);
        Assert.Equal(first.Json.GetProperty("cliente").GetProperty("id").GetInt32(),
            second.Expect(202).GetProperty("cliente").GetProperty("id").GetInt32());
        Assert.True(second.Headers.Contains("Idempotency-Replayed"));
    }

    private async Task<NpgsqlConnection> HeldAsync(int id)
    {
        var connection =
            await PostgresServer.OpenAsync(host.Postgres.SuperuserUrl(host.Master.Database), Cancellation);
        await using var command =
            new NpgsqlCommand($"BEGIN; SELECT 1 FROM clientes_saas WHERE id = {id} FOR UPDATE", connection);
        await command.ExecuteNonQueryAsync(Cancellation);
        return connection;
    }

    private Task TakenAsync(string key) => Eventually.HoldsAsync("the key is taken", async () =>
    {
        await using var db = await DbAsync();
        return await db.Set<IdempotentRequest>().AnyAsync(r => r.Key == key && r.Status == null, Cancellation);
    }, Cancellation);

    private async Task AgeAsync(string key, string column)
    {
        await using var db = await DbAsync();
#pragma warning disable EF1002 // The column is a constant of this test.
        await db.Database.ExecuteSqlRawAsync(
            $"UPDATE portal.idempotent_requests SET {column} = {column} - interval '6 minutes' WHERE key = '{key}'",
            Cancellation);
#pragma warning restore EF1002
    }

    private async Task<long> CountAsync(string sql)
    {
        await using var db = await DbAsync();
#pragma warning disable EF1002 // The statement is a constant of this test.
        return await db.Database.SqlQueryRaw<long>($"SELECT ({sql}) AS \"Value\"").SingleAsync(Cancellation);
#pragma warning restore EF1002
    }

    // A key that a call ignores without a word is worse than none: the caller relies on it.
    [Fact]
    public void Key_EveryCallThatChangesSomething_AcceptsIt()
    {
        var deaf = ApiCall.All(host.Services)
            .Where(call => call.Method is not ("GET" or "HEAD")
                && call.Endpoint.Metadata.GetMetadata<Replayed>() is null)
            .Select(call => $"{call.Method} {call.Path}");

        // A sign-in has nobody yet whose key it could be. A diagnosis changes nothing.
        Assert.Equal(["POST /api/v1/admin/auth/token", "POST /api/v1/admin/diagnose"], deaf);
    }

    // The answer to each call is lost after it was done, and everything that it began has ended when it is repeated.
    [Fact]
    public async Task Key_AnswerLost_EveryCallIsAnsweredFromItsRecord()
    {
        using var api = await host.AsAdministratorAsync();
        var name = PortalTenants.NewName("idem");
        var id = await host.ReadyTenantAsync(name, TenantEnvironments.Demo);
        var (post, patch, delete) = (HttpMethod.Post, HttpMethod.Patch, HttpMethod.Delete);
        var hard = new { confirm = name, reason = "Sobra", password = PortalHost.AdministratorPassword };
        (HttpMethod Method, string Path, object? Body, string Action)[] calls =
        [
            (patch, "", new { contacto_nombre = "Otra persona" }, "tenant.updated"),
            (post, "/ruc", new { ruc = Rucs.Next(7_900_001), reason = "Se tecleó mal" }, "tenant.ruc_corrected"),
            (post, "/invitation", new { }, "tenant.invited"),
            (post, "/isolation-proof", null, "isolation.proof_requested"),
            (post, "/credential", new { reason = "Se fue" }, "tenant.credential_rotation_requested"),
            (post, "/demo-data", null, "tenant.demo_data_requested"),
            (delete, "/demo-data", null, "tenant.demo_data_removal_requested"),
            (post, "/toggle", new { reason = "No pagó" }, "tenant.suspended"),
            (delete, "?hard=true", hard, "tenant.delete_requested"),
            (post, "/restore", null, "tenant.restore_requested"),
            (post, "/conversion", null, "tenant.converted"),
            (post, "/subdominio", new { subdominio = $"{name}-b", reason = "Otro nombre" }, "tenant.rename_requested"),
            (delete, "", new { reason = "Fin de contrato" }, "tenant.withdrawn"),
        ];

        foreach (var (method, path, body, action) in calls)
        {
            var key = NewKey();
            var first = await api.SendAsync(method, $"clientes/{id}{path}", body, key);
            Assert.True(first.Status is 200 or 201 or 202, $"{action}: {first.Text}");
            if (OperationOf(first) is { } operation)
            {
                // A proof fails where the server of the tests is open to every role. A rotation waits for sessions of
                // the old role, and looks every 15 s.
                await Eventually.HoldsAsync(
                    $"{action} has ended", async () => (await api.GetAsync($"operations/{operation}")).Expect(200)
                        .GetProperty("state").GetString() is "succeeded" or "failed", Cancellation,
                    within: TimeSpan.FromMinutes(3));
            }

            await LoseAnswerAsync(key.Value);

            var second = await api.SendAsync(method, $"clientes/{id}{path}", body, key);

            Assert.Equal((action, first.Status, OperationOf(first), first.Location),
                (action, second.Status, OperationOf(second), second.Location));
            Assert.True(second.Headers.Contains("Idempotency-Replayed"), action);
            Assert.Equal(1, (await api.GetAsync($"audit?action={action}&tenant_id={id}")).Expect(200)
                .GetProperty("total").GetInt32());
        }
    }

    // The same for calls about operations, and those on many tenants. An upgrade ends before the call is repeated, and
    // a cancelled operation can't be cancelled again: a second try would be refused or begin something new.
    [Fact]
    public async Task Done_AnswerLost_OperationsAreNotRetriedCancelledOrBegunAgain()
    {
        using var api = await host.AsAdministratorAsync();
        var (taken, name) = (PortalTenants.NewName("idem"), PortalTenants.NewName("idem"));
        await host.PauseAsync(true);
        var failed = (await host.RegisterAsync(taken)).OperationId!.Value;
        await host.Postgres.CreateDatabaseAsync($"vigia_{taken}", null, Cancellation);
        await host.PauseAsync(false);
        await host.ReachAsync(failed, OperationState.Failed);
        var id = await host.ReadyTenantAsync(name);
        (string Path, object? Body, string Action, Func<Task> Before)[] calls =
        [
            ($"operations/{failed}/retry", null, "operation.retried", Nothing),
            ($"operations/{failed}/cancel", null, "operation.cancel_requested", Nothing),
            ($"clientes/{id}/migrate", null, "tenant.schema_upgrade_requested", BehindAsync),
            ("databases/migrate", new { ids = new[] { id } }, "tenants.schema_upgrade_requested", BehindAsync),
            ($"clientes/{id}/reclaim", new { reason = "restaurada" }, "tenant.reclaim_requested", async () =>
            {
                await PostgresServer.ExecuteAsync(
                    host.Master, $"COMMENT ON DATABASE \"vigia_{name}\" IS NULL", Cancellation);
                await host.Services.GetRequiredService<TenantContentCounter>().CountAsync(id, Cancellation);
            }),
        ];

        foreach (var (path, body, action, before) in calls)
        {
            await before();
            var (key, records) = (NewKey(), await RecordsOfAsync(action));
            var first = await api.PostAsync(path, body, key);
            var operation = OperationOf(first)
                ?? throw new InvalidOperationException($"{action}: {first.Status} {first.Text}");
            await Eventually.HoldsAsync(
                $"{action} has ended", async () => (await api.GetAsync($"operations/{operation}")).Expect(200)
                    .GetProperty("state").GetString() is "succeeded" or "failed" or "cancelled", Cancellation);
            await LoseAnswerAsync(key.Value);

            var second = await api.PostAsync(path, body, key);

            Assert.Equal((action, 202, operation, first.Location),
                (action, second.Status, OperationOf(second)!.Value, second.Location));
            Assert.True(second.Headers.Contains("Idempotency-Replayed"), action);
            Assert.Equal(records + 1, await RecordsOfAsync(action));
        }

        await host.Postgres.DropDatabaseAsync($"vigia_{taken}", Cancellation);

        Task<long> RecordsOfAsync(string action) =>
            CountAsync($"SELECT count(*) FROM portal.audit_events WHERE action = '{action}'");

        Task BehindAsync() => PostgresServer.ExecuteAsync(
            host.Postgres.SuperuserUrl(host.Master.Database),
            $"UPDATE clientes_saas SET schema_version = 1 WHERE id = {id}", Cancellation);

        static Task Nothing() => Task.CompletedTask;
    }

    // 202 has the operation beside its tenant, or alone.
    private static Guid? OperationOf(ApiAnswer answer) => answer.Status != 202 ? null
        : (answer.Json.TryGetProperty("operation", out var operation) ? operation : answer.Json)
            .GetProperty("id").GetGuid();

    // The state after a process died before it stored the answer.
    private async Task LoseAnswerAsync(string key)
    {
        await using var db = await DbAsync();
        await db.Database.ExecuteSqlAsync(
            $"UPDATE portal.idempotent_requests SET status = NULL, protected_answer = NULL WHERE key = {key}",
            Cancellation);
    }

    [Fact]
    public async Task Key_TwentyRequestsAtOnce_CreateOneTenant()
    {
        using var api = await host.AsAdministratorAsync();
        var (key, body) = (NewKey(), ClientesTests.New(PortalTenants.NewName("idem"), c => c["provision"] = false));

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => api.PostAsync("clientes", body, key)));

        Assert.All(answers, answer =>
            Assert.True(answer.Status == 201 || answer.Code == "request_in_progress", answer.Text));
        Assert.Single(answers.Where(a => a.Status == 201).Select(a => a.Text).Distinct());
    }

    [Fact]
    public async Task Key_OldOrAbandoned_CanBeUsedAgain()
    {
        using var api = await host.AsAdministratorAsync();
        var (old, lost) = (NewKey(), NewKey());
        (await api.PostAsync("clientes/987654/provision", null, old)).ExpectProblem(404, "tenant_unknown");
        (await api.PostAsync("clientes/987654/provision", null, lost)).ExpectProblem(404, "tenant_unknown");
        await using (var db = await DbAsync())
        {
            await db.Database.ExecuteSqlAsync(
                $"""
                UPDATE portal.idempotent_requests SET created_at = created_at - interval '24 hours'
                WHERE key = {old.Value}
                """, Cancellation);
            await db.Database.ExecuteSqlAsync(
                $"""
                UPDATE portal.idempotent_requests
                SET created_at = created_at - interval '5 minutes', status = NULL
                WHERE key = {lost.Value}
                """, Cancellation);
        }

        (await api.PostAsync("clientes/987653/provision", null, old)).ExpectProblem(404, "tenant_unknown");
        (await api.PostAsync("clientes/987653/provision", null, lost)).ExpectProblem(404, "tenant_unknown");
    }

    [Theory]
    [InlineData("")]
    [InlineData("con espacio")]
    public async Task Key_OfAnotherForm_IsRefused(string key)
    {
        using var api = await host.AsAdministratorAsync();

        var problem = (await api.PostAsync("clientes/987654/provision", null, ("Idempotency-Key", key)))
            .ExpectProblem(422, "invalid_input");

        Assert.Equal(["Idempotency-Key"], problem.GetProperty("errors").EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public async Task Key_TooLong_IsRefused()
    {
        using var api = await host.AsAdministratorAsync();

        (await api.PostAsync("clientes/987654/provision", null, ("Idempotency-Key", new string('k', 201))))
            .ExpectProblem(422, "invalid_input");
        (await api.PostAsync("clientes/987654/provision", null, ("Idempotency-Key", new string('k', 200))))
            .ExpectProblem(404, "tenant_unknown");
    }

    private static (string Name, string Value) NewKey() => ("Idempotency-Key", Guid.NewGuid().ToString());

    private Task<MasterContext> DbAsync() =>
        host.Services.GetRequiredService<IDbContextFactory<MasterContext>>().CreateDbContextAsync(Cancellation);
}
