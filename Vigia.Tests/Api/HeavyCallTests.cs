using System.Net;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Tests.Browser;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Api;

/// <summary>
/// A person has one verification of the trail and one export running, not more. Another person is not in their way.
/// </summary>
public sealed class HeavyCallTests(ApiHost host) : IClassFixture<ApiHost>
{
    private static readonly (string Name, string Value) Own = ("Sec-Fetch-Site", "same-origin");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Verify_OneIsRunning_AnotherOfTheSamePersonIsRefused()
    {
        using var api = await host.AsAdministratorAsync();
        using var auditor = await host.AsAsync(StaffRoles.Auditor);
        Task<ApiAnswer> first;
        Task<ApiAnswer> others;
        await using (var slow = await HoldAsync("portal.audit_events"))
        {
            first = api.GetAsync("audit/verify");
            await WaitingAsync(1);

            var second = await api.GetAsync("audit/verify");

            second.ExpectProblem(429, "verification_running");
            Assert.True(second.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
            others = auditor.GetAsync("audit/verify");
            await WaitingAsync(2);
        }

        Assert.True((await first).Expect(200).GetProperty("holds").GetBoolean());
        (await others).Expect(200);
        (await api.GetAsync("audit/verify")).Expect(200);
    }

    [Fact]
    public async Task Verify_TheCallerGoesAway_TheNextOneIsNotRefused()
    {
        using var api = await host.AsAdministratorAsync();
        await using (var slow = await HoldAsync("portal.audit_events"))
        {
            using var gone = new CancellationTokenSource();
            var first = api.Http.GetAsync(new Uri(ApiCalls.Root + "audit/verify", UriKind.Relative), gone.Token);
            await WaitingAsync(1);
            await gone.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
            await WaitingAsync(0);
        }

        await Eventually.HoldsAsync(
            "the turn is free again", async () => (await api.GetAsync("audit/verify")).Status == 200, Cancellation);
    }

    [Theory]
    [InlineData("/clientes/exportar.csv")]
    [InlineData("/auditoria/exportar/csv")]
    [InlineData("/auditoria/exportar/jsonl")]
    [InlineData("/auditoria/imprimir")]
    [InlineData("/equipo/permisos.csv?fecha=2026-01-01T00:00")]
    public async Task Export_OneIsRunning_AnotherOfTheSamePersonIsRefused(string address)
    {
        using var browser = new BrowserSession(host);
        Assert.NotEmpty(await browser.SignInAsync(PortalHost.AdministratorEmail, PortalHost.AdministratorPassword));
        Task<HttpResponseMessage> first;
        await using (var slow = await HoldAsync("clientes_saas"))
        {
            first = browser.GetAsync("/clientes/exportar.csv", Own);
            await WaitingAsync(1);

            using var second = await browser.GetAsync(address, Own);

            Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
            Assert.True(second.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
            Assert.Equal(
                "Ya tiene una exportación en curso. Espere a que termine la descarga o la impresión, "
                + "y vuelva a intentarlo.",
                await second.Content.ReadAsStringAsync(Cancellation));
            Assert.Null(second.Content.Headers.ContentDisposition);
        }

        using var answer = await first;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var third = await browser.GetAsync(address, Own);
        Assert.Equal(HttpStatusCode.OK, third.StatusCode);
    }

    // Readers and writers of the table wait until the answer is disposed of.
    private async Task<NpgsqlConnection> HoldAsync(string table)
    {
        var connection = await PostgresServer.OpenAsync(
            host.Postgres.SuperuserUrl(host.Master.Database), Cancellation);
        await using var command = new NpgsqlCommand(
            $"BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE", connection);
        await command.ExecuteNonQueryAsync(Cancellation);
        return connection;
    }

    private Task WaitingAsync(int calls) => Eventually.HoldsAsync(
        $"{calls} calls wait for the table", async () =>
        {
            await using var connection = await PostgresServer.OpenAsync(
                host.Postgres.SuperuserUrl("postgres"), Cancellation);
            await using var command = new NpgsqlCommand(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock'", connection);
            command.Parameters.Add(new NpgsqlParameter { Value = host.Master.Database });
            return (long)(await command.ExecuteScalarAsync(Cancellation))! is var waiting
                && (calls == 0 ? waiting == 0 : waiting >= calls);
        }, Cancellation);
}
