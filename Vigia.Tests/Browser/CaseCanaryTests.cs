using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Databases;
using Vigia.Portal;
using Vigia.Portal.Startup;
using Vigia.Tests.Api;
using Vigia.Tests.Diagnosis;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.TenantSide;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser;

/// <summary>
/// Patients' data stays in the tenant's database. Each text of its cases is a canary, and no answer, page, log line or
/// row of the master has one. Staff see numbers only.
/// </summary>
public sealed class CaseCanaryTests(CaseCanaryTests.Watched host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<CaseCanaryTests.Watched>
{
    private const string Canary = "zq7canario";

    private const int Columns = 60;

    // Each text and each JSON of each row that is not a user, a role or a limit. A value stays as it is if a check or a
    // foreign key refuses the new one.
    private const string Fill = $$"""
        INSERT INTO icsr (numero) VALUES ('1'), ('2');
        INSERT INTO icsr_events (icsr_id, texto) SELECT id, 'x' FROM icsr;
        INSERT INTO icsr_products (icsr_id, nombre) SELECT id, 'x' FROM icsr;
        INSERT INTO products (nombre) VALUES ('x');
        INSERT INTO clients (razon_social) VALUES ('x');
        INSERT INTO surveillance_alerts (scope, producto) VALUES ('national', 'x');
        INSERT INTO empleados (nombres, apellidos) VALUES ('x', 'x');
        INSERT INTO establecimientos (nombre) VALUES ('x');
        DO $fill$ DECLARE c record; BEGIN
            FOR c IN SELECT k.table_name, k.column_name, k.data_type FROM information_schema.columns k
                JOIN information_schema.tables USING (table_schema, table_name)
                WHERE k.table_schema = 'public' AND table_type = 'BASE TABLE' AND is_generated = 'NEVER'
                  AND k.table_name NOT IN ('users', 'roles', 'user_roles', 'tenant_limits', '__EFMigrationsHistory')
                  AND (k.data_type IN ('text', 'jsonb') OR (k.data_type = 'character varying'
                      AND coalesce(k.character_maximum_length, 99) >= 10))
            LOOP
                BEGIN
                    EXECUTE format('UPDATE %I SET %I = %L', c.table_name, c.column_name,
                        CASE c.data_type WHEN 'jsonb' THEN '"{{Canary}}"' ELSE '{{Canary}}' END);
                EXCEPTION WHEN OTHERS THEN
                    NULL;
                END;
            END LOOP;
        END $fill$
        """;

    // The portal created the database, and only programs read its connection.
    private static readonly (string End, int Status)[] OtherAnswers = [("/adoption", 404), ("/conexion", 403)];

    private const string Count = $"""
        SELECT sum((xpath('/row/c/text()', query_to_xml(format(
            'SELECT count(*) AS c FROM %I WHERE %I::text LIKE ''%%{Canary}%%''', k.table_name, k.column_name),
            false, true, '')))[1]::text::int)::bigint
        FROM information_schema.columns k JOIN information_schema.tables USING (table_schema, table_name)
        WHERE k.table_schema = 'public' AND table_type = 'BASE TABLE'
        """;

    [Fact]
    public async Task Cases_FullOfCanaries_AppearNowhereOnTheStaffsSide()
    {
        var tenant = new TenantWorld(host, await host.ReadyTenantAsync(host.Name, "demo"), host.Name);
        await tenant.WriteAsync(Fill);
        Assert.InRange(await host.CountAsync($"vigia_{host.Name}", Count), Columns, 100_000);
        await using (var scope = host.Scope())
        {
            var content = await scope.ServiceProvider.GetRequiredService<TenantContents>()
                .CountAsync(await host.AdministratorAsync(), tenant.Id, Cancellation);
            Assert.Equal(2, content!.Cases);
        }

        var operation = (await host.OperationsAsync(tenant.Id))[0];
        var found = new List<string>();
        await AskEverythingAsync(tenant, operation, found);
        await ShowEverythingAsync(tenant, operation, found);
        found.AddRange(host.Log.Lines.Where(HasCanary).Select(line => $"the log: {line}"));
        Assert.Contains(host.Log.Lines, line => line.Contains("Vigia.", StringComparison.Ordinal));
        found.AddRange(await host.TablesAsync(HasCanary));
        Assert.Empty(found);
    }

    /// <summary>The token of a tenant's user, which opens patients' data until it ends.</summary>
    [Fact]
    public async Task Token_PastedOnThePage_IsKeptNowhere()
    {
        var name = PortalTenants.NewName("pegado");
        await host.ReadyTenantAsync(name);
        await host.HoldsAsync(name, entry => entry?.RefusalNow(TimeProvider.System) == Core.Tenancy.TenantRefusal.None);
        var ends = DateTimeOffset.UtcNow.AddHours(8);
        var (good, bad) = (UserTokens.Make(TenantSideHost.Secret, name, ends, DateTimeOffset.UtcNow.AddSeconds(2)),
            UserTokens.Make("a secret of another installation, also long", name, ends));
        bool HasToken(string text) => new[] { good, bad }.SelectMany(token => token.Split('.').Skip(1))
            .Any(part => text.Contains(part, StringComparison.Ordinal));
        var page = await SignedInAsync(PortalUrls.Diagnosis);
        foreach (var (field, token, answer) in new[]
        {
            ("#diagnose-token", good, "200 reaches"), ("#diagnose-token", $"Bearer {bad}", "401 not_authenticated"),
            ("#diagnose-host", good, "400 tenant_required"),
            ("#diagnose-tenant", bad[^150..], "400 tenant_header_invalid"),
        })
        {
            await page.ReloadAsync();
            await DrawnAsync(page);
            await page.Locator(field).FillAsync(token);
            await page.Locator("main form button[type=submit]").ClickAsync();
            await Expect(page.GetByText(answer)).ToBeVisibleAsync();
            Assert.False(HasToken(await page.Locator(".diagnosis").InnerHTMLAsync()), $"{field}: {answer}");
        }

        Assert.DoesNotContain(host.Log.Lines, HasToken);
        Assert.Empty(await host.TablesAsync(HasToken));
    }

    private static bool HasCanary(string text) => text.Contains(Canary, StringComparison.OrdinalIgnoreCase);

    private async Task AskEverythingAsync(TenantWorld tenant, Guid operation, List<string> found)
    {
        using var api = await host.AsAdministratorAsync();
        var calls = ApiCall.All(host.Services).Where(call => call.Method == "GET").ToList();
        foreach (var call in calls)
        {
            var path = call.Route.Replace("{id:int}", $"{tenant.Id}", StringComparison.Ordinal)
                .Replace("{id:guid}", $"{operation}", StringComparison.Ordinal);
            Assert.False(path.Contains('{', StringComparison.Ordinal), $"{path} has a parameter without a value.");
            var (status, text) = await ReadAsync(api, path);
            var other = OtherAnswers.FirstOrDefault(each => path.EndsWith(each.End, StringComparison.Ordinal)).Status;
            Assert.True(status == (other == 0 ? 200 : other), $"{path}: {status} {text}");
            if (HasCanary(text))
            {
                found.Add($"{path}: {text}");
            }
        }

        Assert.True(calls.Count >= 10, $"{calls.Count} calls");
        var diagnosis = await api.PostAsync("diagnose", new { tenant = tenant.Name });
        Assert.Equal("reaches", diagnosis.Expect(200).GetProperty("verdict").GetString());
        if (HasCanary(diagnosis.Text))
        {
            found.Add($"diagnose: {diagnosis.Text}");
        }
    }

    // A stream of events ends with its operation, which has ended.
    private static async Task<(int Status, string Text)> ReadAsync(ApiCalls api, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        var answer = await api.SendAsync(request);
        return (answer.Status, answer.Text + string.Join('\n', answer.Headers.SelectMany(header => header.Value)));
    }

    private async Task ShowEverythingAsync(TenantWorld tenant, Guid operation, List<string> found)
    {
        Expected.Add("404");
        var member = (await host.AdministratorAsync()).StaffId!.Value;
        var page = await SignedInAsync(PortalUrls.Panel);
        string[] sections = ["", "?seccion=operaciones", "?seccion=configuracion", "?seccion=base", "?seccion=peligro"];
        var paths = PortalPage.All.Where(each => each.Right is not null).SelectMany(each => each.Route switch
        {
            PortalUrls.TenantRoute => sections.Select(section => PortalUrls.Tenant(tenant.Id) + section),
            PortalUrls.OperationRoute => [PortalUrls.Operation(operation)],
            PortalUrls.TeamMemberRoute => [PortalUrls.TeamMember(member)],
            var route => (IEnumerable<string>)[route],
        }).ToList();
        foreach (var path in paths)
        {
            Assert.False(path.Contains('{', StringComparison.Ordinal), $"{path} has a parameter without a value.");
            await page.GotoAsync(path);
            await page.Locator("h1").First.WaitForAsync();
            await Expect(page.Locator(".skeleton")).ToHaveCountAsync(0);
            await Expect(page.Locator(".error-state")).ToHaveCountAsync(0);
            if (HasCanary(await page.TitleAsync() + await page.ContentAsync()))
            {
                found.Add($"the page {path}");
            }
        }
    }

    /// <summary>A portal whose log is kept: our own at every level, the framework's at Information.</summary>
    public sealed class Watched(PostgresServer server) : TenantSideHost(server)
    {
        public LogCapture Log { get; } = new();

        public string Name { get; } = PortalTenants.NewName("casos");

        public async Task<long> CountAsync(string database, string sql)
        {
            await using var session = await PostgresServer.OpenAsync(
                Postgres.SuperuserUrl(database), TestContext.Current.CancellationToken);
            await using var command = new NpgsqlCommand(sql, session);
            return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        }

        public async Task<IReadOnlyList<Guid>> OperationsAsync(int tenantId)
        {
            List<Guid> ids = [];
            await this.InMasterAsync(db =>
            {
                ids.AddRange(db.Set<Operation>().Where(o => o.TenantId == tenantId).Select(o => o.Id));
                return Task.CompletedTask;
            });
            return ids;
        }

        /// <summary>The tables of the master that have such a row, audit records among them.</summary>
        public async Task<List<string>> TablesAsync(Func<string, bool> isWanted)
        {
            var (found, names) = (new List<string>(), new List<string>());
            await using var session = await PostgresServer.OpenAsync(
                Postgres.SuperuserUrl(Master.Database), TestContext.Current.CancellationToken);
            await using (var list = new NpgsqlCommand("""
                SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
                WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
                """, session))
            await using (var reader = await list.ExecuteReaderAsync(TestContext.Current.CancellationToken))
            {
                while (await reader.ReadAsync(TestContext.Current.CancellationToken))
                {
                    names.Add(reader.GetString(0));
                }
            }

            foreach (var name in names)
            {
                await using var read = new NpgsqlCommand(
                    $"SELECT coalesce(string_agg(t::text, E'\\n'), '') FROM {name} t", session);
                if (isWanted((string)(await read.ExecuteScalarAsync(TestContext.Current.CancellationToken))!))
                {
                    found.Add($"the table {name}");
                }
            }

            Assert.Contains("portal.audit_events", names);
            return found;
        }

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.ConfigureTestServices(services => services.AddSingleton<ILoggerFactory>(_ => LoggerFactory.Create(
                logging => logging.SetMinimumLevel(LogLevel.Information).AddFilter("Vigia", LogLevel.Trace)
                    .AddFilter(LoggingSetup.WritesAddresses, LogLevel.Warning).AddProvider(Log))));
        }
    }
}
