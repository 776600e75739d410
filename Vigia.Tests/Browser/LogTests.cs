using System.Text.Json;
using Microsoft.Playwright;
using Npgsql;
using Vigia.Core.Foundation.Configuration;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser;

/// <summary>The JSON log has one trace from the click to the SQL. See docs/rules.md#telemetry.</summary>
public sealed class LogTests(PostgresServer server, Chromium chromium)
{
    private static int _number = 950;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Log_OfAnOperation_EveryLineHasTenantOperationAndTrace()
    {
        var master = await server.CreateMasterAsync(null, Cancellation);
        await using var portal = await StartAsync(master);
        await using var browser = await Window.OpenAsync(chromium, portal);
        await browser.SignInAsync(PortalUrls.NewTenant);
        var subdomain = PortalTenants.NewName("rastro");
        await browser.Page.Locator("#ruc").FillAsync(Rucs.Next(Interlocked.Increment(ref _number)));
        await browser.Page.Locator("#razon_social").FillAsync("Rastro S.A.C.");
        await Expect(browser.Page.Locator("#subdominio")).ToHaveValueAsync("rastro");
        await browser.Page.Locator("#subdominio").FillAsync(subdomain);
        await browser.Page.Locator("#correo_acceso").FillAsync("a@rastro.pe");
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Registrar cliente" }).ClickAsync();
        await Expect(browser.Page.Locator(".page-header .state-chip"))
            .ToHaveTextAsync("Activo", new() { Timeout = 60_000 });
        var (operation, tenant, trace) = await OperationAsync(master, subdomain);
        await Eventually.HoldsAsync(
            "the end is in the log",
            () => Task.FromResult(portal.Output.Contains("provision_tenant succeeded", StringComparison.Ordinal)
            || Lines(portal).Any(line => line.GetProperty("@mt").GetString() == "Operation {Kind} succeeded")),
                Cancellation);

        var lines = Lines(portal);
        var ofOperation = lines.Where(line => Text(line, "OperationId") == $"{operation}").ToList();
        Assert.All(ofOperation, line =>
        {
            Assert.Equal(trace, Text(line, "@tr"));
            Assert.Equal(tenant, line.GetProperty("TenantId").GetInt32());
            Assert.Equal(subdomain, Text(line, "Subdominio"));
        });
        Assert.Equal(7, ofOperation.Count(
            line => Text(line, "@mt")!.StartsWith("Step {Step} finished", StringComparison.Ordinal)));
        Assert.Contains(ofOperation,
            line => Sql(line)?.Contains("UPDATE portal.operation_steps", StringComparison.Ordinal) == true);

        // The SQL that the page runs for the click belongs to the same trace.
        Assert.Contains(lines,
            line => Text(line, "@tr") == trace && Text(line, "OperationId") is null
            && Sql(line)?.Contains("INSERT INTO portal.operations", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task Page_ThatFails_ShowsTheTraceIdOfTheLogLines()
    {
        var master = await server.CreateMasterAsync(null, Cancellation);
        await using var portal = await StartAsync(master);
        await using var browser = await Window.OpenAsync(chromium, portal);
        await browser.SignInAsync(PortalUrls.Tenants);
        await PostgresServer.ExecuteAsync(
            server.SuperuserUrl(master.Database), "ALTER TABLE portal.tenant_trash RENAME TO gone", Cancellation);

        await browser.Page.GetByRole(AriaRole.Link, new() { Name = "Papelera" }).ClickAsync();

        await Expect(browser.Page.GetByRole(AriaRole.Heading, new() { Name = "Esto no se pudo mostrar" }))
            .ToBeVisibleAsync();
        var trace = await browser.Page.Locator("[role=alert] code").InnerTextAsync();
        Assert.Matches("^[0-9a-f]{32}$", trace);
        await Eventually.HoldsAsync(
            "the failure is in the log",
            () => Task.FromResult(
            Lines(portal).Any(line => Text(line, "@mt")!.StartsWith("A page failed", StringComparison.Ordinal))),
            Cancellation);
        var failure = Lines(portal).Where(line => Text(line, "@tr") == trace).ToList();
        Assert.Contains(failure,
            line => Text(line, "@mt")!.StartsWith("A page failed", StringComparison.Ordinal)
            && Text(line, "@x")!.Contains("tenant_trash", StringComparison.Ordinal));
        Assert.Contains(failure,
            line => Text(line, "@mt")!.StartsWith("Failed executing DbCommand", StringComparison.Ordinal));

        // Background work that meets the same fault has a trace of its own.
        Assert.All(Lines(portal).Where(line => Text(line, "@l") == "Error"),
            line => Assert.Matches("^[0-9a-f]{32}$", Text(line, "@tr")));

        await PostgresServer.ExecuteAsync(
            server.SuperuserUrl(master.Database), "ALTER TABLE portal.gone RENAME TO tenant_trash", Cancellation);
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Reintentar" }).ClickAsync();
        await Expect(browser.Page.GetByRole(AriaRole.Heading, new() { Name = "Papelera", Level = 1 }))
            .ToBeVisibleAsync();
    }

    [Fact]
    public async Task Log_AtDebugLevel_ContainsNoOneTimeLink()
    {
        var master = await server.CreateMasterAsync(null, Cancellation);
        await using var portal =
            await StartAsync(master, ("Logging__LogLevel__Microsoft", "Information"),
            ("Logging__LogLevel__Microsoft.AspNetCore", "Debug"));
        using var http = new HttpClient { BaseAddress = portal.Address };

        using var answer = await http.GetAsync($"{PortalUrls.Invitation}?token=un-enlace-de-un-solo-uso", Cancellation);

        Assert.Equal(200, (int)answer.StatusCode);
        await Eventually.HoldsAsync(
            "the framework has told of the request",
            () => Task.FromResult(portal.Output.Contains("Microsoft.AspNetCore.Routing", StringComparison.Ordinal)),
            Cancellation);
        await portal.StopAsync(Cancellation);
        Assert.DoesNotContain("un-enlace-de-un-solo-uso", portal.Output, StringComparison.Ordinal);
    }

    private static string? Sql(JsonElement line) => Text(line, "commandText") ?? Text(line, "CommandText");

    private static string? Text(JsonElement line, string name) =>
        line.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    // Returns only whole lines, because the last one may be incomplete.
    private static List<JsonElement> Lines(PortalProcess portal) =>
        [.. portal.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(line => line is ['{', .., '}']).Select(line => JsonDocument.Parse(line).RootElement)];

    private static async Task<(Guid Operation, int Tenant, string Trace)> OperationAsync(
        PostgresUrl master, string subdomain)
    {
        await using var connection = await PostgresServer.OpenAsync(master, Cancellation);
        await using var command = new NpgsqlCommand(
            $"""
            SELECT id, tenant_id, trace_id FROM portal.operations
            WHERE subdomain = '{subdomain}' AND kind = 'provision_tenant'
            """, connection);
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        Assert.True(await reader.ReadAsync(Cancellation));
        return (reader.GetGuid(0), reader.GetInt32(1), reader.GetString(2));
    }

    private static async Task<PortalProcess> StartAsync(PostgresUrl master, params (string Name, string Value)[] more)
    {
        var settings = new Dictionary<string, string>
        {
            ["MASTER_DATABASE_URL"] = master.ToTextWithPassword(),
            ["SECRET_KEY"] = "a-secret-key-for-tests-that-is-long-enough",
            ["SAAS_BASE_DOMAIN"] = "vigia.example",
            ["PORTAL_ADMIN_EMAIL"] = PortalHost.AdministratorEmail,
            ["PORTAL_ADMIN_PASSWORD"] = PortalHost.AdministratorPassword,
            ["Staff__RequireSecondFactor"] = "None",
            ["Logging__Format"] = "json",
            ["Logging__LogLevel__Microsoft.EntityFrameworkCore.Database.Command"] = "Information",
            ["Logging__LogLevel__Npgsql.Command"] = "Information",
        };
        foreach (var (name, value) in more) settings[name] = value;
        var portal = PortalProcess.Start([], settings);
        await portal.WaitUntilReadyAsync(Cancellation);
        return portal;
    }
}
