using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;
using Vigia.Core.Postgres;
using Vigia.Core.Tenancy;
using Vigia.Tests.Diagnosis;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.TenantSide;

/// <summary>
/// An installation with a single tenant (docs/rules.md#single-tenant), on the product's nine tables. Nothing of its
/// database is altered.
/// </summary>
public sealed class LegacyTests(NineTables host) : IClassFixture<NineTables>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_ThatNameNoTenant_ReachTheOnlyOne()
    {
        await host.Product.AddUserAsync("rosa");
        using var nobody = host.Nobody();

        using var user = await host.SignedInAsync("Rosa@legado.pe");
        Assert.Equal(("legacy", "rosa"), (Claim(user.Token!, "tenant"), Claim(user.Token!, "username")));
        var me = (await user.GetAsync("auth/me")).Expect(200);
        Assert.True(me.GetProperty("permissions").GetProperty("usuarios").GetProperty("list").GetBoolean());
        (await user.GetAsync("auth/me", ("X-Tenant", "legacy"))).Expect(200);
        (await user.GetAsync("auth/me", ("X-Tenant", "LEGACY"))).Expect(200);
        (await nobody.LoginAsync("rosa", TenantSideHost.Password, ("X-Tenant", "legacy"))).Expect(200);
        (await nobody.LoginAsync("rosa", "no-es")).ExpectProblem(401, "credentials_wrong");

        (await nobody.LoginAsync("rosa", TenantSideHost.Password, ("X-Tenant", "nadie-aqui")))
            .ExpectProblem(404, "tenant_unknown");
        (await nobody.LoginAsync("rosa", TenantSideHost.Password, ("X-Tenant", "")))
            .ExpectProblem(400, "tenant_header_invalid");
        (await nobody.LoginAsync("rosa", TenantSideHost.Password, ("Host", $"nadie-aqui.{TenantSideHost.Domain}")))
            .ExpectProblem(404, "tenant_unknown");
        (await user.GetAsync("auth/me", ("X-Tenant", "nadie-aqui"))).ExpectProblem(403, "tenant_mismatch");
    }

    /// <summary>A token that the product's program signed with the same SECRET_KEY.</summary>
    [Fact]
    public async Task Token_OfTheProduct_IsAccepted()
    {
        await host.Product.AddUserAsync("delia");
        var id = int.Parse(await host.Product.ScalarAsync("SELECT id FROM users WHERE username = 'delia'"),
            System.Globalization.CultureInfo.InvariantCulture);
        using var user = new TenantCalls(host.Address, null, UserTokens.Make(
            TenantSideHost.Secret, LegacyTenant.Name, DateTimeOffset.UtcNow.AddHours(8), user: id));

        Assert.Equal(id, (await user.GetAsync("auth/me")).Expect(200).GetProperty("id").GetInt32());
    }

    [Fact]
    public async Task Calls_WithAndWithoutTheirTable_WorkOrAreRefused()
    {
        await host.Product.AddUserAsync("jorge");
        using var user = await host.SignedInAsync("jorge");
        using var nobody = host.Nobody();
        var before = await host.Product.CatalogueAsync();
        var others = await host.Product.ChecksumAsync("ajena") + await host.Product.ChecksumAsync("icsr")
            + await host.Product.ChecksumAsync("(SELECT * FROM users WHERE username = 'jorge')");

        var name = $"nueva-{Guid.NewGuid():n}"[..14];
        var added = (await user.PostAsync("users", new
        {
            username = name, email = $"{name}@legado.pe", password = "una frase", roles = new[] { "qf" },
        })).Expect(201);
        Assert.True(DateTimeOffset.UtcNow - added.GetProperty("created_at").GetDateTimeOffset()
            < TimeSpan.FromMinutes(5));
        (await user.PostAsync("users", new
        {
            email = $"{name}@legado.pe", password = "una frase", roles = new[] { "qf" },
        })).ExpectProblem(409, "user_email_taken");
        (await user.PostAsync("users", new { email = "x@legado.pe", password = "una frase", roles = new[] { "jefe" } }))
            .ExpectProblem(422, "invalid_input");
        var list = (await user.GetAsync("users?page_size=100")).Expect(200);
        Assert.Contains(list.GetProperty("items").EnumerateArray(), u => u.GetProperty("username").GetString() == name);
        (await nobody.LoginAsync(name, "una frase")).Expect(200);

        foreach (var answer in new[]
        {
            await user.GetAsync("tenant"), await user.GetAsync("establecimientos"), await user.GetAsync("comprobantes"),
            await user.PostAsync("establecimientos", new { nombre = "Planta" }),
            await user.PostAsync("comprobantes", new
            {
                tipo = "boleta", serie = "B001", numero = 1, fecha_emision = "2026-12-01", total = 10.5m,
            }),
            await user.PostAsync("users", new
            {
                email = "e@legado.pe", password = "una frase", roles = new[] { "qf" }, empleado_id = 1,
            }),
        })
        {
            answer.ExpectProblem(409, LegacyTenant.SchemaDiffers);
            Assert.DoesNotContain("relation", answer.Text, StringComparison.Ordinal);
        }

        (await nobody.PostAsync("auth/invitation", new { token = "x", password = "una frase" }))
            .ExpectProblem(410, "invitation_gone");
        Assert.Equal(410, (await nobody.GetAsync("/invitacion?token=x")).Status);
        Assert.Equal(before, await host.Product.CatalogueAsync());
        Assert.Equal(others, await host.Product.ChecksumAsync("ajena") + await host.Product.ChecksumAsync("icsr")
            + await host.Product.ChecksumAsync("(SELECT * FROM users WHERE username = 'jorge')"));
    }

    /// <summary>Reading alone changes no row of any table.</summary>
    [Fact]
    public async Task Database_AfterSignInsReadsAndADiagnosis_IsUnchanged()
    {
        await host.Product.AddUserAsync("marta");
        var (catalogue, rows) = (await host.Product.CatalogueAsync(), await host.Product.ChecksumsAsync());

        using var user = await host.SignedInAsync("marta");
        (await user.GetAsync("auth/me")).Expect(200);
        (await user.GetAsync("users")).Expect(200);
        using var staff = await host.AsAdministratorAsync();
        (await staff.PostAsync("diagnose", new { host = "localhost" })).Expect(200);

        Assert.Equal(rows, await host.Product.ChecksumsAsync());
        Assert.Equal(catalogue, await host.Product.CatalogueAsync());
    }

    [Fact]
    public async Task Diagnose_NothingNamesATenant_ExplainsTheVoteAndTheConnections()
    {
        await host.Product.AddUserAsync("clara");
        using var user = await host.SignedInAsync("clara");
        using var staff = await host.AsAdministratorAsync();

        var answer = (await staff.PostAsync("diagnose", new { host = "localhost" })).Expect(200);

        Assert.Equal(("reaches", 200),
            (answer.GetProperty("verdict").GetString(), answer.GetProperty("status").GetInt32()));
        var vote = answer.GetProperty("votes").EnumerateArray().Last();
        Assert.Equal(("legacy", "tenant", JsonValueKind.Null), (vote.GetProperty("strategy").GetString(),
            vote.GetProperty("outcome").GetString(), vote.GetProperty("tenant_id").ValueKind));
        Assert.Contains(host.Product.Name, vote.GetProperty("finding").GetProperty("message").GetString(),
            StringComparison.Ordinal);
        var tenant = answer.GetProperty("tenant");
        Assert.Equal((JsonValueKind.Null, "legacy", host.Product.Name), (tenant.GetProperty("id").ValueKind,
            tenant.GetProperty("subdominio").GetString(), tenant.GetProperty("db_name").GetString()));
        Assert.Equal(["legacy", "tokens", "database", "pool", "budget"], answer.GetProperty("facts").EnumerateArray()
            .Select(fact => fact.GetProperty("code").GetString()).Where(code => code != "trouble"));

        answer = (await staff.PostAsync("diagnose", new { token = user.Token, host = "localhost" })).Expect(200);
        Assert.Equal("reaches", answer.GetProperty("verdict").GetString());
        Assert.Equal(["silent", "tenant", "silent", "silent"], answer.GetProperty("votes").EnumerateArray()
            .Select(each => each.GetProperty("outcome").GetString()));
    }

    /// <summary>It is in the catalogue and in no list, and its connections count like all others.</summary>
    [Fact]
    public async Task Tenant_InTheCatalogue_IsNeverARow()
    {
        await host.Product.AddUserAsync("ines");
        using var user = await host.SignedInAsync("ines");
        using var staff = await host.AsAdministratorAsync();
        var gate = host.Services.GetRequiredService<ConnectionGate>();

        Assert.True(host.Services.GetRequiredService<TenantCatalog>().TryFind("legacy", out var entry));
        Assert.Equal((0, true), (entry.Id, entry.IsLegacy));
        Assert.DoesNotContain(host.Product.Name, (await staff.GetAsync("clientes")).Expect(200).GetRawText(),
            StringComparison.Ordinal);
        Assert.Equal(404, (await staff.GetAsync("clientes/0")).Status);
        Assert.InRange(gate.Count, 1, 10);
        Assert.Equal($"{gate.Count}", await host.Product.ScalarAsync($"""
            SELECT count(*) FROM pg_stat_activity
            WHERE application_name = '{gate.ApplicationName}' AND datname = '{host.Product.Name}'
            """));
    }

    /// <summary>A row with the reserved name, written with psql, does not take its place.</summary>
    [Fact]
    public async Task Row_OfTheSameName_DoesNotTakeItsPlace()
    {
        await PostgresServer.ExecuteAsync(host.Postgres.SuperuserUrl(host.Master.Database), """
            INSERT INTO clientes_saas (ruc, razon_social, subdominio, correo_acceso, db_name, is_active)
            VALUES ('20987654321', 'Intrusa S.A.', 'legacy', 'a@intrusa.pe', 'vigia_intrusa', true),
                ('20987654322', 'Otra S.A.', 'otra-registrada', 'a@otra.pe', 'vigia_otra_registrada', true)
            """, Cancellation);

        await host.HoldsAsync("otra-registrada", found => found is not null);
        Assert.True(host.Services.GetRequiredService<TenantCatalog>().TryFind("legacy", out var entry));
        Assert.True(entry.IsLegacy);
        using var nobody = host.Nobody();
        (await nobody.LoginAsync("a", "b", ("X-Tenant", "otra-registrada"))).ExpectProblem(503, "tenant_not_ready");
    }

    private static string? Claim(string token, string name) =>
        JsonElement.Parse(Encoding.UTF8.GetString(Base64UrlEncoder.DecodeBytes(token.Split('.')[1])))
            .GetProperty(name).GetString();
}

/// <summary>The same on our own tables: every call works.</summary>
public sealed class LegacyOwnTablesTests(OwnTables host) : IClassFixture<OwnTables>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_OnOurTables_AllWork()
    {
        await host.Product.AddUserAsync("rosa");
        var before = await host.Product.CatalogueAsync();
        using var user = await host.SignedInAsync("rosa");

        (await user.GetAsync("auth/me")).Expect(200);
        Assert.Equal("legacy", (await user.GetAsync("tenant")).Expect(200).GetProperty("subdominio").GetString());
        (await user.PostAsync("users", new { email = "l@legado.pe", password = "una frase", roles = new[] { "qf" } }))
            .Expect(201);
        (await user.GetAsync("users")).Expect(200);
        (await user.PostAsync("establecimientos", new { nombre = "Planta" })).Expect(201);
        (await user.GetAsync("establecimientos")).Expect(200);
        (await user.PostAsync("comprobantes", new
        {
            tipo = "boleta", serie = "B001", numero = 1, fecha_emision = "2026-12-01", total = 10.5m,
        })).Expect(201);
        (await user.GetAsync("comprobantes")).Expect(200);
        Assert.Equal(before, await host.Product.CatalogueAsync());
    }

    [Fact]
    public async Task Database_ClosedOrGone_IsAnOutageThatTheDiagnosisExplains()
    {
        using var nobody = host.Nobody();
        using var staff = await host.AsAdministratorAsync();
        var name = SqlIdentifier.Quote(host.Product.Name);
        await PostgresServer.ExecuteAsync(host.Postgres.SuperuserUrl("postgres"),
            $"ALTER DATABASE {name} ALLOW_CONNECTIONS false", Cancellation);
        await EndSessionsAsync();

        await Eventually.HoldsAsync("it refuses sessions", async () =>
        {
            var refused = await nobody.LoginAsync("rosa", TenantSideHost.Password);
            Assert.Equal(503, refused.Status);
            return refused.Code == "database_unreachable";
        }, Cancellation);
        var answer = (await staff.PostAsync("diagnose", new { host = "localhost" })).Expect(200);
        Assert.Equal("database_unreachable", answer.GetProperty("verdict").GetString());
        Assert.Contains("trouble", answer.GetProperty("facts").EnumerateArray()
            .Select(fact => fact.GetProperty("code").GetString()));

        await PostgresServer.ExecuteAsync(host.Postgres.SuperuserUrl("postgres"),
            $"ALTER DATABASE {name} ALLOW_CONNECTIONS true; ALTER DATABASE {name} RENAME TO {name[..^1]}_x\"",
            Cancellation);
        try
        {
            await Eventually.HoldsAsync("it is missing", async () =>
                (await nobody.LoginAsync("rosa", TenantSideHost.Password)).Code == "database_missing", Cancellation);
        }
        finally
        {
            await PostgresServer.ExecuteAsync(host.Postgres.SuperuserUrl("postgres"),
                $"ALTER DATABASE {name[..^1]}_x\" RENAME TO {name}", Cancellation);
        }

        await Eventually.HoldsAsync("it answers again", async () =>
            (await nobody.LoginAsync("rosa", "no-es")).Status == 401, Cancellation);
    }

    private Task EndSessionsAsync() => PostgresServer.ExecuteAsync(host.Postgres.SuperuserUrl("postgres"),
        $"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{host.Product.Name}'",
        Cancellation);
}
