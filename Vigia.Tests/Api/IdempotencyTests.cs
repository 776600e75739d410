using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Api;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
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
    public async Task SameKeyAndBody_GetsTheSameAnswerAndDoesNothingTwice()
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
    public async Task SameKey_OtherBodyOtherCallOrOtherPerson()
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
    public async Task Refusal_IsAnAnswerTooAndIsKept()
    {
        using var api = await host.AsAdministratorAsync();
        var key = NewKey();

        var first = await api.PostAsync("clientes/987654/provision", null, key);
        var second = await api.PostAsync("clientes/987654/provision", null, key);

        first.ExpectProblem(404, "tenant_unknown");
        Assert.Equal(first.Text, second.Text);
    }

    [Fact]
    public async Task Invitation_SameKey_SendsOnce_AndIsGivenOnlyToAsMuchRight()
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
    public async Task SameKey_WhileTheFirstIsWorkedOn_IsToldToWait()
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

    [Fact]
    public async Task TwentyAtOnce_OneTenant()
    {
        using var api = await host.AsAdministratorAsync();
        var (key, body) = (NewKey(), ClientesTests.New(PortalTenants.NewName("idem"), c => c["provision"] = false));

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => api.PostAsync("clientes", body, key)));

        Assert.All(answers, answer =>
            Assert.True(answer.Status == 201 || answer.Code == "request_in_progress", answer.Text));
        Assert.Single(answers.Where(a => a.Status == 201).Select(a => a.Text).Distinct());
    }

    [Fact]
    public async Task Key_OldOrLost_IsFreeAgain()
    {
        using var api = await host.AsAdministratorAsync();
        var (old, lost) = (NewKey(), NewKey());
        (await api.PostAsync("clientes/987654/provision", null, old)).ExpectProblem(404, "tenant_unknown");
        (await api.PostAsync("clientes/987654/provision", null, lost)).ExpectProblem(404, "tenant_unknown");
        await using (var db = await DbAsync())
        {
            await db.Database.ExecuteSqlAsync(
                $"UPDATE portal.idempotent_requests SET created_at = created_at - interval '24 hours' WHERE key = {old.Value}", Cancellation);
            await db.Database.ExecuteSqlAsync(
                $"UPDATE portal.idempotent_requests SET created_at = created_at - interval '5 minutes', status = NULL WHERE key = {lost.Value}", Cancellation);
        }

        (await api.PostAsync("clientes/987653/provision", null, old)).ExpectProblem(404, "tenant_unknown");
        (await api.PostAsync("clientes/987653/provision", null, lost)).ExpectProblem(404, "tenant_unknown");
    }

    [Theory]
    [InlineData("")]
    [InlineData("con espacio")]
    public async Task Key_ThatIsNone_IsRefused(string key)
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
