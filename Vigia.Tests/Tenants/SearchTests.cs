using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Registry.Master;
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
    public async Task Search_ByName_SortsAsSpanishDoes()
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
        var statements = new StatementCounter();
        var search = new TenantSearch(
            new CountingFactory(Host, statements), new TenantUrls("vigia.test"), TimeProvider.System);

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
    public async Task Search_AHundredThousandTenants_UsesTheIndexFromThreeCharactersOn()
    {
        foreach (var part in Enumerable.Range(0, 10))
        {
            await PostgresServer.ExecuteAsync(
                Host.Master,
                $"""
                INSERT INTO clientes_saas (ruc, razon_social, subdominio, correo_acceso, state)
                SELECT '3' || lpad(i::text, 10, '0'), 'Botica ' || md5(i::text), 'b' || i, md5((i * 7)::text) || '@x.pe', 'registered' FROM generate_series({(part * 10_000) + 1}, {(part + 1) * 10_000}) i
                """, Cancellation);
        }

        await PostgresServer.ExecuteAsync(
            Host.Master, "ANALYZE clientes_saas; ANALYZE portal.tenant_search", Cancellation);
        await RegisterAsync(NewName("aguja"), details: d => d with { LegalName = "Ñuñoa Químíca" });
        var statements = new StatementCounter();
        var search = new TenantSearch(
            new CountingFactory(Host, statements), new TenantUrls("vigia.test"), TimeProvider.System);

        Assert.Equal(1, (await search.SearchAsync(Host.Admin, new TenantQuery { Q = "nun" }, Cancellation)).Total);

        foreach (var plan in await PlansAsync(statements))
        {
            Assert.Contains("ix_tenant_search_folded", plan, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(TenantState.Ready, true, null, DatabaseCondition.Usable, TenantStatus.Active)]
    [InlineData(TenantState.Ready, true, null, DatabaseCondition.Missing, TenantStatus.DatabaseMissing)]
    [InlineData(TenantState.Ready, true, null, DatabaseCondition.Unreachable, TenantStatus.Unreachable)]
    [InlineData(TenantState.Ready, false, InactiveKind.Suspended, DatabaseCondition.Usable, TenantStatus.Suspended)]
    [InlineData(TenantState.Ready, false, InactiveKind.Suspended, DatabaseCondition.Missing, TenantStatus.Suspended)]
    [InlineData(TenantState.Ready, false, InactiveKind.Withdrawn, DatabaseCondition.Usable, TenantStatus.Withdrawn)]
    [InlineData(TenantState.Ready, false, InactiveKind.Expired, DatabaseCondition.Missing, TenantStatus.Expired)]
    [InlineData(TenantState.Registered, false, null, DatabaseCondition.Missing, TenantStatus.Registered)]
    [InlineData(TenantState.Registered, false, InactiveKind.Withdrawn, DatabaseCondition.Usable, TenantStatus.Withdrawn)]
    [InlineData(TenantState.Provisioning, false, null, DatabaseCondition.Missing, TenantStatus.Provisioning)]
    [InlineData(TenantState.Failed, false, null, DatabaseCondition.Missing, TenantStatus.Failed)]
    [InlineData(TenantState.Deleting, false, null, DatabaseCondition.Usable, TenantStatus.Deleting)]
    [InlineData(TenantState.Unmanaged, true, null, DatabaseCondition.Usable, TenantStatus.Active)]
    [InlineData(TenantState.Unmanaged, false, null, DatabaseCondition.Usable, TenantStatus.Suspended)]
    public void Status_OfARow_IsWhatAPersonWouldSay(
        TenantState state, bool active, InactiveKind? kind, DatabaseCondition database, TenantStatus status) =>
        Assert.Equal(status, TenantStatuses.Of(
            new TenantStanding(state, active, kind), expiresAt: null, database, DateTimeOffset.UtcNow));

    [Theory]
    [InlineData("Farmacéutica Añaños S.A.C.", "farmaceutica-ananos")]
    [InlineData("DROGUERÍA EL ÁGUILA E.I.R.L.", "drogueria-aguila")]
    [InlineData("3M Perú S.A.", "3m")]
    [InlineData("株式会社", "")]
    [InlineData("Admin S.A.C.", "")]
    [InlineData("D'Oliveira & Cía. S.R.L.", "d-oliveira")]
    public void Proposal_FromAName_IsASubdomainOrNothing(string name, string proposal) =>
        Assert.Equal(proposal, SubdomainProposal.From(name));

    private async Task<List<string?>> NamesAsync(string? q) =>
        [.. (await Search.SearchAsync(Host.Admin, new TenantQuery { Q = q }, Cancellation)).Items.Select(
            t => t.Row.LegalName)];

    private async Task<List<string>> PlansAsync(StatementCounter statements)
    {
        var plans = new List<string>();
        await using var connection = await PostgresServer.OpenAsync(Host.Master, Cancellation);
        foreach (var (sql, parameters) in statements.Statements)
        {
            await using var command = new NpgsqlCommand("EXPLAIN " + sql, connection);
            command.Parameters.AddRange(parameters.Select(p => p.Clone()).ToArray());
            await using var reader = await command.ExecuteReaderAsync(Cancellation);
            var lines = new List<string>();
            while (await reader.ReadAsync(Cancellation))
            {
                lines.Add(reader.GetString(0));
            }

            plans.Add(string.Join("\n", lines));
        }

        return plans;
    }

    private sealed class StatementCounter : DbCommandInterceptor
    {
        public List<(string Sql, NpgsqlParameter[] Parameters)> Statements { get; } = [];

        public int Count => Statements.Count;

        public override ValueTask<InterceptionResult<System.Data.Common.DbDataReader>> ReaderExecutingAsync(
            System.Data.Common.DbCommand command, CommandEventData eventData,
            InterceptionResult<System.Data.Common.DbDataReader> result, CancellationToken cancellationToken = default)
        {
            Statements.Add((command.CommandText, [.. command.Parameters.Cast<NpgsqlParameter>()]));
            return base.ReaderExecutingAsync(command, eventData, result, cancellationToken);
        }
    }

    private sealed class CountingFactory(CoreHost host, StatementCounter counter) : IDbContextFactory<MasterContext>
    {
        public MasterContext CreateDbContext()
        {
            var options = new DbContextOptionsBuilder<MasterContext>(
                host.Services.GetRequiredService<DbContextOptions<MasterContext>>()).AddInterceptors(counter);
            return new MasterContext(options.Options);
        }
    }
}
