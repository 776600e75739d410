using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Tenancy;
using Vigia.Portal.Startup;
using Vigia.Tests.Browser;
using Vigia.Tests.Diagnosis;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Api;

/// <summary>The calls that rename a tenant and that say which tenant a request is for.</summary>
public sealed class DiagnoseTests(DiagnoseTests.Listening host) : IClassFixture<DiagnoseTests.Listening>
{
    private const string SecretKey = "a-secret-key-for-tests-that-is-long-enough";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rename_ThenBack_KeepsTheTenantReachableUnderOneName()
    {
        using var api = await host.AsAdministratorAsync();
        var (old, name) = (PortalTenants.NewName("antes"), PortalTenants.NewName("despues"));
        var id = await host.ReadyTenantAsync(old);

        (await api.PostAsync($"clientes/{id}/subdominio", new { subdominio = name }))
            .ExpectProblem(422, "invalid_input");
        (await api.PostAsync($"clientes/{id}/subdominio", new { subdominio = old, reason = "x" }))
            .ExpectProblem(422, "invalid_input");
        (await api.PostAsync("clientes/987654/subdominio", new { subdominio = name, reason = "x" }))
            .ExpectProblem(404, "tenant_unknown");
        await RenameAsync(api, id, name);

        var renamed = (await api.GetAsync($"clientes/{id}")).Expect(200);
        Assert.Equal((name, $"vigia_{old}", $"https://{name}.vigia.example"),
            (renamed.GetProperty("subdominio").GetString(), renamed.GetProperty("db_name").GetString(),
                renamed.GetProperty("url").GetString()));
        (await api.PostAsync("clientes", ClientesTests.New(old, c => c["provision"] = false)))
            .ExpectProblem(409, "subdominio_taken");
        var taken = (await api.PostAsync("clientes", ClientesTests.New(
            PortalTenants.NewName("otro"), c => c["provision"] = false))).Expect(201);
        var other = taken.GetProperty("cliente").GetProperty("id").GetInt32();
        (await api.PostAsync($"clientes/{other}/subdominio", new { subdominio = old, reason = "x" }))
            .ExpectProblem(409, "subdominio_taken");

        await RenameAsync(api, id, old);
        Assert.Equal(old, (await api.GetAsync($"clientes/{id}")).Expect(200).GetProperty("subdominio").GetString());
        Assert.Equal(2, (await api.GetAsync($"audit?tenant_id={id}&action=tenant.renamed")).Expect(200)
            .GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task Diagnose_AsSupport_SaysWhatTheRequestReaches()
    {
        using var api = await host.AsAsync(StaffRoles.Support);
        var name = PortalTenants.NewName("diagnostico");
        var id = await host.ReadyTenantAsync(name);
        await KnownAsync(name);

        var answer = (await api.PostAsync("diagnose", new { host = $"https://{name}.vigia.example/", tenant = name }))
            .Expect(200);

        Assert.Equal(("reaches", 200, id),
            (answer.GetProperty("verdict").GetString(), answer.GetProperty("status").GetInt32(),
                answer.GetProperty("tenant").GetProperty("id").GetInt32()));
        Assert.Equal(["header", "claim", "host", "legacy"],
            answer.GetProperty("votes").EnumerateArray().Select(vote => vote.GetProperty("strategy").GetString()));
        Assert.All(answer.GetProperty("facts").EnumerateArray(),
            fact => Assert.NotEqual("", fact.GetProperty("finding").GetProperty("message").GetString()));
        (await api.PostAsync("diagnose", new { })).ExpectProblem(422, "invalid_input");
    }

    [Fact]
    public async Task Diagnose_Token_IsInNoAnswerAndNoLog()
    {
        using var api = await host.AsAsync(StaffRoles.Support);
        var name = PortalTenants.NewName("secreto");
        await host.ReadyTenantAsync(name);
        await KnownAsync(name);
        var good = UserTokens.Make(SecretKey, name, DateTimeOffset.UtcNow.AddHours(8));
        var bad = UserTokens.Make(
            "a secret that is not the one of this portal", name, DateTimeOffset.UtcNow.AddHours(8));
        foreach (var body in new object[]
        {
            new { token = good }, new { token = bad }, new { token = $"Bearer {good}", tenant = name },
            new { tenant = bad }, new { host = bad }, new { token = bad, desconocido = true },
            new { token = $"{good}ñ" }, new { token = string.Concat(Enumerable.Repeat(bad, 60)) },
        })
        {
            var answer = await api.PostAsync("diagnose", body);
            Assert.True(answer.Status is 200 or 422, answer.Text);
            AssertSilent(answer.Text);
            Assert.All(answer.Headers, header => Assert.All(header.Value, AssertSilent));
        }

        Assert.Contains(host.Log.Lines, line => line.Contains("Vigia.", StringComparison.Ordinal));
        Assert.Contains(host.Log.Lines, line => line.Contains("diagnose", StringComparison.Ordinal));
        Assert.All(host.Log.Lines, AssertSilent);

        // The header of every token of this kind is alike and says nothing.
        void AssertSilent(string text) => Assert.All(
            new[] { good, bad }.SelectMany(token => token.Split('.').Skip(1)),
            part => Assert.DoesNotContain(part, text, StringComparison.Ordinal));
    }

    private Task KnownAsync(string name) => Eventually.HoldsAsync(
        "the catalogue knows it", () => Task.FromResult(
            host.Services.GetRequiredService<TenantResolver>().Resolve(new(name, null, null)).Refusal
                == TenantRefusal.None), Cancellation);

    private async Task RenameAsync(ApiCalls api, int id, string name)
    {
        var accepted = (await api.PostAsync(
            $"clientes/{id}/subdominio", new { subdominio = name, reason = "Otro nombre" })).Expect(202);
        await host.ReachAsync(accepted.GetProperty("operation").GetProperty("id").GetGuid(), OperationState.Succeeded);
    }

    /// <summary>A portal whose log the test reads, as detailed as it can be.</summary>
    public sealed class Listening(PostgresServer server) : ApiHost(server)
    {
        public LogCapture Log { get; } = new();

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.ConfigureTestServices(services => services.AddSingleton<ILoggerFactory>(_ => LoggerFactory.Create(
                logging => logging.SetMinimumLevel(LogLevel.Information).AddFilter("Vigia", LogLevel.Trace)
                    .AddFilter(LoggingSetup.WritesAddresses, LogLevel.Warning).AddProvider(Log))));
        }
    }
}
