using Npgsql;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenants;

public sealed class SearchTests(PostgresServer server) : CoreTestBase(server)
{
    protected override bool Workers => false;

    private TenantSearch Search => Host.Get<TenantSearch>();

    [Fact]
    public async Task Search_CaseAccentsEnyeAndWordOrder_DoNotMatter()
    {
        var (f, p) = (NewName("f"), NewName("p"));
        await RegisterAsync(f, details: d => d with { LegalName = "Farmacéutica del Sur", AccessEmail = $"a@{f}.pe" });
        await RegisterAsync(p, details: d => d with { LegalName = "PEÑA & Hijos 100%", AccessEmail = $"Luz@{p}.pe" });

        Assert.Equal(["Farmacéutica del Sur"], await NamesAsync("farmaceutica"));
        Assert.Equal(["Farmacéutica del Sur"], await NamesAsync("SUR farmacéu"));
        Assert.Equal(["PEÑA & Hijos 100%"], await NamesAsync("pena"));
        Assert.Equal(["PEÑA & Hijos 100%"], await NamesAsync("peña hijos"));
        Assert.Equal(["PEÑA & Hijos 100%"], await NamesAsync("100%"));
        Assert.Equal(["PEÑA & Hijos 100%"], await NamesAsync("luz@"));
        Assert.Empty(await NamesAsync("%"[..1] + "x_"));
        Assert.Empty(await NamesAsync("a\0b"));
    }

    [Fact]
    public async Task Search_DotsAndPunctuation_DoNotMatterOnEitherSide()
    {
        await RegisterAsync(NewName("uno"), details: d => d with { LegalName = "Laboratorio Uno S.A.C." });
        await RegisterAsync(NewName("dos"), details: d => d with { LegalName = "Botica Dos EIRL" });
        await RegisterAsync(NewName("tres"), details: d => d with { LegalName = "D'Oliveira & Cía. - Tres" });

        Assert.Equal(["Laboratorio Uno S.A.C."], await NamesAsync("uno sac"));
        Assert.Equal(["Laboratorio Uno S.A.C."], await NamesAsync("uno S.A.C."));
        Assert.Equal(["Botica Dos EIRL"], await NamesAsync("E.I.R.L. dos"));
        Assert.Equal(["D'Oliveira & Cía. - Tres"], await NamesAsync("oliveira cia"));
        Assert.Equal(["D'Oliveira & Cía. - Tres"], await NamesAsync("D’OLIVEIRA,CIA."));
        Assert.Empty(await NamesAsync("& . -"));
    }

    [Fact]
    public async Task Search_DotsAndPunctuationInTheTrash_DoNotMatter()
    {
        var tenant = await RegisterAsync(NewName("cesto"), details: d => d with { LegalName = "Cesto S.A.C. / Lima" });
        await PostgresServer.ExecuteAsync(
            Host.Master,
            $"""
            INSERT INTO portal.tenant_trash (
                id, ruc, legal_name, subdomain, was_active, row, server_id, deleted_by_name, reason, deleted_at,
                purge_after, delete_operation_id)
            SELECT id, ruc, razon_social, subdominio, true, to_jsonb(c), 1, 'Ana', 'x', now(), now(), gen_random_uuid()
                FROM clientes_saas c WHERE id = {tenant};
            DELETE FROM clientes_saas WHERE id = {tenant}
            """, Cancellation);

        foreach (var text in new[] { "cesto sac", "S.A.C. lima cesto", "sac/lima" })
        {
            Assert.Equal(tenant, Assert.Single(await Search.FindAnywhereAsync(Host.Admin, text, 5, Cancellation)).Id);
        }

        Assert.Empty(await Search.FindAnywhereAsync(Host.Admin, "./", 5, Cancellation));
    }

    [Fact]
    public async Task SearchText_EveryPunctuation_MatchesTheMasters()
    {
        foreach (var character in SafeText.SearchPunctuation + ".\t\u00a0")
        {
            var text = $"a{character}b";
            await using var connection = await PostgresServer.OpenAsync(Host.Master, Cancellation);
            await using var command = new NpgsqlCommand("SELECT portal.search_text('', $1, '', '')", connection);
            command.Parameters.Add(new() { Value = text });
            var stored = ((string)(await command.ExecuteScalarAsync(Cancellation))!)
                .Split(' ', StringSplitOptions.RemoveEmptyEntries);

            Assert.Equal(SafeText.SearchWords(text), stored);
        }
    }

    [Fact]
    public async Task Search_ByName_SortsInSpanishOrder()
    {
        foreach (var name in new[] { "Zeta", "Ñandú", "Álamo", "Norte", "alfa" })
        {
            await RegisterAsync(NewName("orden"), details: d => d with { LegalName = name });
        }

        Assert.Equal(["Álamo", "alfa", "Norte", "Ñandú", "Zeta"], await NamesAsync(null));
        Assert.Equal(["Zeta", "Ñandú", "Norte", "alfa", "Álamo"],
            (await Search.SearchAsync(Host.Admin, new TenantQuery { Descending = true }, Cancellation)).Items.Select(
            t => t.Row.LegalName));
    }

    [Fact]
    public async Task Search_ExactSubdomain_ComesFirst()
    {
        var name = NewName("exacto");
        await RegisterAsync($"{name}-aaa", details: d => d with { LegalName = "AAA" });
        await RegisterAsync(name, details: d => d with { LegalName = "ZZZ" });

        Assert.Equal(["ZZZ", "AAA"], await NamesAsync(name));
    }

    [Fact]
    public async Task Search_FiltersAndPages_AreTwoStatements()
    {
        for (var i = 0; i < 5; i++)
        {
            await RegisterAsync(NewName("pag"), details: d => d with { Plan = "empresarial", Environment = "demo" });
        }

        await RegisterAsync(NewName("pag"));
        var statements = new ReadStatements();
        var search = new TenantSearch(
            statements.Factory(Host), new TenantUrls("vigia.test"), TimeProvider.System);

        var page = await search.SearchAsync(
            Host.Admin, new TenantQuery
            {
                Plan = "empresarial", Environment = "demo", Status = TenantStatus.Registered,
                PageSize = 2, Page = 3, OrderBy = TenantOrder.CreatedAt
            }, Cancellation);

        Assert.Equal((5, 1), (page.Total, page.Items.Count));
        Assert.Equal(2, statements.Count);
        Assert.Empty((await Search.SearchAsync(
            Host.Admin, new TenantQuery { Page = int.MaxValue, PageSize = 200 }, Cancellation)).Items);
    }

    [Fact]
    public async Task Search_TwentyThousandTenants_UsesTheIndexFromThreeCharactersOn()
    {
        foreach (var part in Enumerable.Range(0, 20))
        {
            await PostgresServer.ExecuteAsync(
                Host.Master,
                $"""
                INSERT INTO clientes_saas (ruc, razon_social, subdominio, correo_acceso, state)
                SELECT '3' || lpad(i::text, 10, '0'), 'Botica ' || md5(i::text), 'b' || i,
                    md5((i * 7)::text) || '@x.pe', 'registered'
                FROM generate_series({(part * 1_000) + 1}, {(part + 1) * 1_000}) i
                """, Cancellation);
        }

        await PostgresServer.ExecuteAsync(
            Host.Master, "ANALYZE clientes_saas; ANALYZE portal.tenant_search", Cancellation);
        await RegisterAsync(NewName("aguja"), details: d => d with { LegalName = "Ñuñoa Químíca" });
        var statements = new ReadStatements();
        var search = new TenantSearch(
            statements.Factory(Host), new TenantUrls("vigia.test"), TimeProvider.System);

        Assert.Equal(1, (await search.SearchAsync(Host.Admin, new TenantQuery { Q = "nun" }, Cancellation)).Total);

        // The text is looked up once. Then the tenants are read by their ids.
        var lookUp = TenantTextSearch.IdsSql(["nun"]).Replace("$1", "'nun'", StringComparison.Ordinal);
        Assert.Contains(
            "ix_tenant_search_folded", await PlanAsync(lookUp), StringComparison.Ordinal);
        var plans = await statements.ExplainAsync(Host.Master, Cancellation);
        Assert.All(plans, plan => Assert.DoesNotContain("Seq Scan on clientes_saas", plan, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Search_ManyDatabasesOnTheServer_ReadsNoneOfThem()
    {
        await PostgresServer.ExecuteAsync(
            Host.Master,
            """
            INSERT INTO clientes_saas (ruc, razon_social, subdominio, correo_acceso, db_name, state)
            SELECT '4' || lpad(i::text, 10, '0'), 'Botica ' || i, 'b' || i, 'b' || i || '@x.pe', 'vigia_b' || i, 'ready'
            FROM generate_series(1, 3000) i;
            INSERT INTO portal.observed_databases (server_id, name, is_present, changed_at)
            SELECT 1, 'vigia_b' || i, true, now() FROM generate_series(1, 3000) i ON CONFLICT DO NOTHING;
            ANALYZE clientes_saas;
            ANALYZE portal.observed_databases;
            """, Cancellation);
        var statements = new ReadStatements();
        var search = new TenantSearch(
            statements.Factory(Host), new TenantUrls("vigia.test"), TimeProvider.System);

        var page = await search.SearchAsync(Host.Admin, new TenantQuery { PageSize = 20 }, Cancellation);

        Assert.Equal(20, page.Items.Count);
        Assert.All(page.Items, item => Assert.StartsWith("Botica 1", item.Row.LegalName, StringComparison.Ordinal));
        var plan = Assert.Single(
            await statements.ExplainAsync(Host.Master, Cancellation),
            plan => plan.Contains("observed_databases", StringComparison.Ordinal));
        Assert.DoesNotContain("WindowAgg", plan, StringComparison.Ordinal);
    }

    private async Task<List<string?>> NamesAsync(string? q) =>
        [.. (await Search.SearchAsync(Host.Admin, new TenantQuery { Q = q }, Cancellation)).Items.Select(
            t => t.Row.LegalName)];

    private async Task<string> PlanAsync(string sql)
    {
        await using var session = await PostgresServer.OpenAsync(Host.Master, Cancellation);
        await using var command = new NpgsqlCommand($"EXPLAIN {sql}", session);
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        var lines = new List<string>();
        while (await reader.ReadAsync(Cancellation))
        {
            lines.Add(reader.GetString(0));
        }

        return string.Join('\n', lines);
    }
}
