using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Diagnosis;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Lifecycle.Renaming;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenancy;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Diagnosis;

/// <summary>
/// The diagnosis of requests, with the catalogue that requests use.
/// </summary>
public sealed class DiagnosisTests(PostgresServer server) : CoreTestBase(server)
{
    private static readonly DateTimeOffset Later = DateTimeOffset.UtcNow.AddHours(8);

    // {"alg":"\ud800"} as header and claims.
    private const string HalfAPair = "eyJhbGciOiJcdWQ4MDAifQ.eyJhbGciOiJcdWQ4MDAifQ.c2lnbg";

    [Fact]
    public async Task Diagnose_EverythingAgrees_ReachesTheDatabase()
    {
        var name = NewName("sano");
        var tenant = await ReadyAsync(name);
        await KnownAsync(name, TenantRefusal.None);

        var result = await AskAsync(
            $"https://{name}.vigia.test:8443/casos?x=1", $"X-Tenant: {name}",
            "Authorization: Bearer "
            + UserTokens.Make(CoreHost.Secret, name, Later, DateTimeOffset.UtcNow.AddSeconds(2)));

        Assert.Equal(("reaches", 200, true), (result.Verdict.Code, result.Verdict.Status, result.Verdict.Reaches));
        Assert.Equal([TenantStrategy.Header, TenantStrategy.Claim, TenantStrategy.Host, TenantStrategy.Legacy],
            result.Votes.Select(vote => vote.Strategy));
        Assert.All(result.Votes.Take(3),
            vote => Assert.Equal((VoteOutcome.Tenant, tenant.Id), (vote.Outcome, vote.TenantId)));
        Assert.Equal(new DiagnosedTenant(tenant.Id, tenant.LegalName, name, tenant.DatabaseName), result.Tenant);
        Assert.Equal(
            ["catalogue", "state", "active", "tokens", "max_usuarios", "max_establecimientos", "max_comprobantes",
                "database", "pool", "budget", "schema"],
            result.Facts.Select(fact => fact.Code));
        Assert.DoesNotContain(result.Facts, fact => fact.IsWell == false);
        Assert.Matches("^[0-9a-f]{32}$", result.TraceId);
        Assert.Empty(result.Errors);
    }

    /// <summary>One connection is in use, one is free, and then the database refuses the next.</summary>
    [Fact]
    public async Task Diagnose_Connections_ReportsThePoolAndTheLastRefusal()
    {
        var name = NewName("conexiones");
        var tenant = await ReadyAsync(name);
        await KnownAsync(name, TenantRefusal.None);
        Assert.True(Host.Get<TenantCatalog>().TryFind(name, out var entry));
        await using (await Host.Get<TenantSessions>().OpenAsync(entry, Cancellation))
        {
            var result = await AskAsync(tenant: name);

            // The pool has two connections: the open session's, and the free one that the diagnosis used.
            Assert.Equal(["2", "1", "0"], result.Facts.Single(f => f.Code == "pool").Words.Args);
            var budget = result.Facts.Single(f => f.Code == "budget").Words;
            Assert.Equal(("diag_budget", "2"), (budget.Code, budget.Args[0]));
            Assert.All(budget.Args.Skip(1), number => Assert.InRange(
                int.Parse(number, System.Globalization.CultureInfo.InvariantCulture), 2, 10_000));
            Assert.DoesNotContain(result.Facts, fact => fact.Code == "trouble");
        }

        await PostgresServer.ExecuteAsync(Server.SuperuserUrl("postgres"),
            $"ALTER DATABASE \"{tenant.DatabaseName}\" ALLOW_CONNECTIONS false", Cancellation);

        // A session that is just beginning is not ended.
        await Eventually.HoldsAsync("sessions are refused", async () =>
        {
            await PostgresServer.ExecuteAsync(Server.SuperuserUrl("postgres"),
                $"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{tenant.DatabaseName}'",
                Cancellation);
            try
            {
                await (await Host.Get<TenantSessions>().OpenAsync(entry, Cancellation)).DisposeAsync();
                return false;
            }
            catch (TenantRefusedException)
            {
                return true;
            }
        }, Cancellation);

        var trouble = Assert.Single((await AskAsync(tenant: name)).Facts, fact => fact.Code == "trouble");
        Assert.Equal((null, "diag_trouble_database_unreachable"), (trouble.IsWell, trouble.Words.Code));
    }

    [Fact]
    public async Task Diagnose_PartsThatDisagree_NamesBoth()
    {
        var (one, two) = (NewName("uno"), NewName("dos"));
        var ids = new[] { await RegisterAsync(one), await RegisterAsync(two) };
        await KnownAsync(two, TenantRefusal.NotReady);
        await KnownAsync(one, TenantRefusal.NotReady);

        var result = await AskAsync($"{two}.vigia.test", one);

        Assert.Equal(("tenant_mismatch", 403), (result.Verdict.Code, result.Verdict.Status));
        Assert.Null(result.Tenant);
        Assert.Empty(result.Facts);
        Assert.Equal([ids[0], null, ids[1], null], result.Votes.Select(vote => vote.TenantId));
    }

    [Fact]
    public async Task Diagnose_EachTrouble_HasItsVerdictAndSaysWhy()
    {
        var name = NewName("enfermo");
        var tenant = await ReadyAsync(name, "demo");
        await KnownAsync(name, TenantRefusal.None);

        await Host.Get<TenantActivation>().SuspendAsync(Host.Admin, tenant.Id, "seguridad", null, Cancellation);
        await KnownAsync(name, TenantRefusal.Inactive);
        AssertVerdict(await AskAsync(tenant: name), "tenant_inactive", 403, "active", "diag_inactive_since");
        await Host.Get<TenantActivation>().ReactivateAsync(Host.Admin, tenant.Id, Cancellation);
        await KnownAsync(name, TenantRefusal.None);

        // Another tenant's database refuses its role, and no instance has noticed it yet.
        var closed = NewName("cerrado");
        var other = await ReadyAsync(closed);
        await KnownAsync(closed, TenantRefusal.None);
        await PostgresServer.ExecuteAsync(Server.SuperuserUrl("postgres"),
            $"ALTER DATABASE \"{other.DatabaseName}\" ALLOW_CONNECTIONS false", Cancellation);
        AssertVerdict(
            await AskAsync(tenant: closed), "database_unreachable", 503, "database", "database_unreachable");

        await Server.DropDatabaseAsync(tenant.DatabaseName!, Cancellation);
        AssertVerdict(await AskAsync(tenant: name), "database_missing", 503, "database_missing", "diag_database_gone");

        // The failed connection has marked the database as missing for all instances.
        await KnownAsync(name, TenantRefusal.DatabaseMissing);
        AssertVerdict(await AskAsync(tenant: name), "database_missing", 503, "observed", "diag_observed_missing");
        AssertVerdict(await AskAsync(tenant: "nadie"), "tenant_unknown", 404);
        AssertVerdict(await AskAsync(host: "www.vigia.test"), "tenant_required", 400);
        AssertVerdict(await AskAsync(tenant: "no es un nombre"), "tenant_header_invalid", 400);
        AssertVerdict(await AskAsync(tenant: "X-Tenant: "), "tenant_header_invalid", 400);
        var host = await AskAsync(host: "https://rosa:clave@a.b.vigia.test/x");
        AssertVerdict(host, "tenant_unknown", 404);
        Assert.Equal((VoteOutcome.Invalid, "diag_host_invalid"), (host.Votes[2].Outcome, host.Votes[2].Words.Code));
    }

    [Fact]
    public async Task Diagnose_FailedOperation_IsNamedWithItsTraceId()
    {
        var name = NewName("falla");
        var id = await RegisterAsync(name);
        await Server.CreateDatabaseAsync($"vigia_{name}", null, Cancellation);
        var failed = await Host.EndOfAsync(
            await Host.Get<TenantProvisioning>().ProvisionAsync(Host.Admin, id, Cancellation));
        await KnownAsync(name, TenantRefusal.NotReady);

        var result = await AskAsync(tenant: name);

        AssertVerdict(result, "tenant_not_ready", 503, "state", "diag_state_failed");
        var error = Assert.Single(result.Errors);
        Assert.Equal((failed.Id, failed.Kind, failed.Error, failed.TraceId),
            (error.OperationId, error.Kind, error.Error, error.TraceId));
        await Server.DropDatabaseAsync($"vigia_{name}", Cancellation);
    }

    [Fact]
    public async Task Diagnose_FormerName_SaysTheNewOne()
    {
        var (old, name) = (NewName("antes"), NewName("ahora"));
        var id = await RegisterAsync(old);
        var token = UserTokens.Make(CoreHost.Secret, old, Later);
        await Host.EndOfAsync(await Host.Get<TenantRenaming>()
            .RenameAsync(Host.Admin, id, name, "cambio", Cancellation));
        await KnownAsync(old, TenantRefusal.Renamed);

        foreach (var result in new[] { await AskAsync(tenant: old), await AskAsync(token: token) })
        {
            AssertVerdict(result, "tenant_renamed", 410);
            var vote = Assert.Single(result.Votes, vote => vote.Outcome == VoteOutcome.Alias);
            Assert.Equal([old, $"Laboratorio {old} S.A.C.", name], vote.Words.Args);
            Assert.Contains(result.Facts, fact => fact.Words.Code == "diag_former_name");
        }
    }

    [Fact]
    public async Task Diagnose_TokenThatIsRefused_SaysWhyAndNeverRepeatsIt()
    {
        var name = NewName("token");
        var id = await RegisterAsync(name);
        await KnownAsync(name, TenantRefusal.NotReady);
        var before = (await RowAsync(id)).TokensValidAfter;
        var past = DateTimeOffset.UtcNow.AddHours(-1);
        var other = UserTokens.Make("another secret, long enough to be one of those", name, Later);
        (string Token, string Code)[] tokens =
        [
            (other, "diag_token_signature"), (UserTokens.Make(CoreHost.Secret, name, past), "diag_token_expired"),
            (UserTokens.Make(CoreHost.Secret, name, null), "diag_token_unreadable"),
            (UserTokens.Make(CoreHost.Secret, name, Later, algorithm: "none"), "diag_token_algorithm"),
            ("no-es-un-token", "diag_token_unreadable"), ("a.b.c", "diag_token_unreadable"),
            ("bm8.bm8.bm8", "diag_token_unreadable"), (HalfAPair, "diag_token_unreadable"),
            (UserTokens.Make(CoreHost.Secret, name, Later, user: null), "diag_token_claims"),
            (UserTokens.Make(CoreHost.Secret, null, Later), "diag_token_claims"),
            (UserTokens.Make(CoreHost.Secret, name, Later, notBefore: Later.AddHours(-1)), "diag_token_claims"),
        ];
        foreach (var (token, code) in tokens)
        {
            var result = await AskAsync($"{name}.vigia.test", token: token);

            AssertVerdict(result, "not_authenticated", 401);
            Assert.Equal(code, result.Votes[1].Words.Code);
            AssertSaysNothingOf(token, result);
        }

        // A token in the wrong field is not repeated either.
        AssertSaysNothingOf(other, await AskAsync(host: other));
        AssertSaysNothingOf(other[..150], await AskAsync(tenant: other[..150]));
        Assert.DoesNotContain(other, $"{new DiagnosisRequest(other, other, other)}", StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidInputException>(() => AskAsync(tenant: other + other + other));
        Assert.Equal(before, (await RowAsync(id)).TokensValidAfter);
    }

    [Fact]
    public async Task Diagnose_TokenOlderThanASuspension_IsRefused()
    {
        var name = NewName("viejo");
        var tenant = await ReadyAsync(name);
        var token = UserTokens.Make(CoreHost.Secret, name, Later, DateTimeOffset.UtcNow.AddMinutes(-5));
        await Host.Get<TenantActivation>().SuspendAsync(Host.Admin, tenant.Id, "seguridad", null, Cancellation);
        await Host.Get<TenantActivation>().ReactivateAsync(Host.Admin, tenant.Id, Cancellation);
        var ended = (await RowAsync(tenant.Id)).TokensValidAfter;
        await Eventually.HoldsAsync("the catalogue knows", () => Task.FromResult(
            Host.Get<TenantCatalog>().TryFind(name, out var entry) && entry.IsActive
            && entry.TokensValidAfter == ended), Cancellation);

        var result = await AskAsync(token: token);

        AssertVerdict(result, "not_authenticated", 401);
        Assert.Equal("diag_verdict_token_too_old", result.Verdict.Words.Code);
        Assert.Equal("reaches", (await AskAsync(token: UserTokens.Make(
            CoreHost.Secret, name, Later, DateTimeOffset.UtcNow.AddMinutes(1)))).Verdict.Code);
    }

    [Fact]
    public async Task Diagnose_NothingGivenOrWithoutTheRight_IsRefused()
    {
        await AssertInvalidAsync("tenant", "diag_nothing", () => AskAsync(" ", "", null));
        await AssertInvalidAsync("host", "text_too_long", () => AskAsync(new string('a', 1_001)));
        await AssertInvalidAsync("token", "diag_token_unreadable", () => AskAsync(token: "ñ"));
        foreach (var actor in new[]
        {
            Host.Admin with { Roles = [StaffRoles.Auditor] }, Host.Support with { TenantScope = [1] },
        })
        {
            await Assert.ThrowsAsync<ForbiddenException>(() => AskAsync(tenant: "x", by: actor));
        }
    }

    [Fact]
    public async Task Diagnose_WhileOneOfThePersonRuns_IsRefused()
    {
        using (Host.Get<OneAtATime>().Begin(Host.Support.StaffId, HeavyCall.Diagnosis))
        {
            await AssertRefusedAsync("diagnosis_running", () => AskAsync(tenant: "nadie"));
            Assert.NotEmpty((await AskAsync(tenant: "nadie", by: Host.Admin)).Votes);
        }

        Assert.NotEmpty((await AskAsync(tenant: "nadie")).Votes);
    }

    [Fact]
    public void Verdicts_EachCode_HasItsSentenceInBothLanguages()
    {
        foreach (var code in DiagnosisVerdict.Codes.Select(code => $"diag_verdict_{code}")
            .Concat(new[] { "database_missing", "database_unreachable", "connections_busy", "registry_unavailable" }
                .Select(code => $"diag_trouble_{code}"))
            .Concat(Enum.GetNames<TenantState>().Select(state => $"diag_state_{state.ToLowerInvariant()}")))
        {
            Assert.NotEqual(code, new Message(code).Render(new System.Globalization.CultureInfo("es-PE")));
            Assert.NotEqual(code, new Message(code).Render(new System.Globalization.CultureInfo("en")));
        }
    }

    private static void AssertVerdict(
        DiagnosisResult result, string code, int status, string? fact = null, string? words = null)
    {
        Assert.Equal((code, status), (result.Verdict.Code, result.Verdict.Status));
        if (fact is not null)
        {
            var found = Assert.Single(result.Facts, f => f.Code == fact);
            Assert.Equal((false, words), (found.IsWell, found.Words.Code));
        }
    }

    // Nor is any usable part of it: its claims, or its signature.
    private static void AssertSaysNothingOf(string token, DiagnosisResult result)
    {
        var said = string.Join('\n',
            result.Votes.Select(vote => vote.Words).Concat(result.Facts.Select(fact => fact.Words))
                .Append(result.Verdict.Words).SelectMany(words => words.Args.Append(words.Render())));
        Assert.All(token.Split('.').Where(part => part.Length > 3),
            part => Assert.DoesNotContain(part, said, StringComparison.Ordinal));
    }

    private async Task<DiagnosisResult> AskAsync(
        string? host = null, string? tenant = null, string? token = null, Actor? by = null)
    {
        await using var scope = Host.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<TenantDiagnosis>().DiagnoseAsync(
            by ?? Host.Support, new DiagnosisRequest(host, tenant, token), Cancellation);
    }

    private Task KnownAsync(string name, TenantRefusal refusal) => Eventually.HoldsAsync(
        $"{name}: {refusal}", () => Task.FromResult(
            Host.Get<TenantResolver>().Resolve(new(name, null, null)).Refusal == refusal), Cancellation);
}
