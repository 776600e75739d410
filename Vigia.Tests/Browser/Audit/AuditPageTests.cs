using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Audit;

/// <summary>The audit trail in the browser: sentences, differences, filters, verification, files and print.</summary>
public sealed class AuditPageTests(PortalHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<PortalHost>
{
    [Fact]
    public async Task Trail_ChangedLimit_IsASentenceWithBothValues()
    {
        var (tenant, name) = await ChangedTenantAsync("frase");
        var page = await SignedInAsync($"/auditoria?cliente={tenant}");

        await Expect(page.GetByText($"cambió el límite de usuarios de 10 a 15 (Cliente {name})")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Row).Filter(new() { HasText = "cambió el límite" }).GetByRole(AriaRole.Button)
            .ClickAsync();
        var difference = page.Locator(".audit-difference");
        await Expect(difference.Locator("del")).ToHaveTextAsync("10");
        await Expect(difference.Locator("ins")).ToHaveTextAsync("15");
        await Expect(page.Locator(".audit-detail")).ToContainTextAsync("UTC-5");
        await AssertAccessibleAsync(page);
        await AssertFitsAsync(page);
    }

    [Fact]
    public async Task Filters_Chosen_AreInTheAddressAndNarrowTheList()
    {
        var (tenant, _) = await ChangedTenantAsync("filtro");
        var page = await SignedInAsync($"/auditoria?cliente={tenant}");
        await Expect(page.GetByText("2 registros")).ToBeVisibleAsync();

        await page.GetByLabel("Qué").SelectOptionAsync("tenant.updated");
        await Expect(page.GetByText("1 registro", new() { Exact = true })).ToBeVisibleAsync();
        Assert.Contains("accion=tenant.updated", page.Url, StringComparison.Ordinal);
        await page.GetByLabel("Desde", new() { Exact = true }).FillAsync("01/01/2031");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByText("Ningún registro coincide")).ToBeVisibleAsync();
        await page.GoBackAsync();
        await Expect(page.GetByText("1 registro", new() { Exact = true })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Quitar filtros" }).ClickAsync();
        await Expect(page.GetByText("registró al cliente").First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Rows_OfATenant_LinkToItAndToTheOperation()
    {
        var name = PortalTenants.NewName("enlace");
        var tenant = await Host.ReadyTenantAsync(name);
        var page = await SignedInAsync($"/auditoria?cliente={tenant}");

        var row = page.GetByRole(AriaRole.Row).Filter(new() { HasText = "terminó de crear la base de datos de" });
        await Expect(row.GetByRole(AriaRole.Link, new() { Name = $"Cliente {name}" }))
            .ToHaveAttributeAsync("href", PortalUrls.Tenant(tenant));
        await row.GetByRole(AriaRole.Link, new() { Name = "Ver la operación" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Crear base de datos", Level = 1 }))
            .ToBeVisibleAsync();
        await Expect(page.Locator(".page-header").GetByRole(AriaRole.Link, new() { Name = $"Cliente {name}" }))
            .ToBeVisibleAsync();
        await page.GotoAsync(PortalUrls.Operations);
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = $"Cliente {name}" }).First)
            .ToBeVisibleAsync();
    }

    [Fact]
    public async Task TenantFilter_Typing_SuggestsTenantsAndAppliesTheChosenOne()
    {
        var (tenant, name) = await ChangedTenantAsync("lista");
        var page = await SignedInAsync("/auditoria");
        var field = page.GetByRole(AriaRole.Combobox, new() { Name = "Cliente" });
        await field.PressSequentiallyAsync(name);
        await Expect(page.GetByRole(AriaRole.Option, new() { Name = $"Cliente {name}" })).ToBeVisibleAsync();
        await AssertAccessibleAsync(page);

        await field.PressAsync("ArrowDown");
        await field.PressAsync("Enter");

        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex($"cliente={tenant}$"));
        await Expect(field).ToHaveValueAsync($"Cliente {name}");
        await Expect(page.GetByText("2 registros")).ToBeVisibleAsync();
        await field.FillAsync("");
        await page.Keyboard.PressAsync("Tab");
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/auditoria$"));
        await field.PressSequentiallyAsync(name);
        await page.GetByRole(AriaRole.Option, new() { Name = $"Cliente {name}" }).ClickAsync();
        await Expect(page.GetByText("2 registros")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task TextFilter_WordsOfARow_FindIt()
    {
        var (_, name) = await ChangedTenantAsync("texto");
        var page = await SignedInAsync("/auditoria");
        await page.GetByLabel("Texto", new() { Exact = true }).FillAsync($"{name} cambió");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByText("1 registro", new() { Exact = true })).ToBeVisibleAsync();

        await page.GetByLabel("Texto", new() { Exact = true }).FillAsync($"{name} registró");
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.GetByText("registró al cliente")).ToBeVisibleAsync();
        await Expect(page.GetByText("1 registro", new() { Exact = true })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Suspension_OfMany_IsOneRowWithALinkToAll()
    {
        var tenants = new[]
        {
            await Host.ReadyTenantAsync(PortalTenants.NewName("junto")),
            await Host.ReadyTenantAsync(PortalTenants.NewName("junto")),
            await Host.ReadyTenantAsync(PortalTenants.NewName("junto")),
        };
        await using (var scope = Host.Scope())
        {
            await Host.ReachAsync(
                await scope.ServiceProvider.GetRequiredService<TenantBulk>().StartAsync(
                    await Host.AdministratorAsync(), new TenantBulkRequest(Suspends: true, "seguridad"), tenants,
                    Cancellation), OperationState.Succeeded);
        }

        var page = await SignedInAsync("/auditoria?accion=tenant.suspended");
        var row = page.GetByRole(AriaRole.Row).Filter(new() { HasText = "suspendió 3 clientes" });
        await Expect(row).ToHaveCountAsync(1);
        await AssertAccessibleAsync(page);
        await row.GetByRole(AriaRole.Link, new() { Name = "ver" }).ClickAsync();

        await Expect(page.GetByText("suspendió a Cliente junto-")).ToHaveCountAsync(3);
    }

    [Fact]
    public async Task Verify_IntactThenAltered_NamesTheFirstBrokenRecord()
    {
        var (tenant, _) = await ChangedTenantAsync("cadena");
        var page = await SignedInAsync("/auditoria");
        await page.GetByRole(AriaRole.Button, new() { Name = "Verificar", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Verificar ahora" }).ClickAsync();
        await Expect(page.GetByText("La cadena está íntegra")).ToBeVisibleAsync();
        await AssertAccessibleAsync(page);

        await page.GetByText("Comparar con una cabeza guardada fuera").ClickAsync();
        await page.GetByLabel("Cabeza guardada", new() { Exact = true }).FillAsync("12 abc");
        await page.GetByRole(AriaRole.Button, new() { Name = "Verificar otra vez" }).ClickAsync();
        await Expect(page.GetByText("Escriba el número, un espacio y los 64 caracteres")).ToBeVisibleAsync();
        await page.GetByLabel("Cabeza guardada", new() { Exact = true }).FillAsync("");

        var seq = await TamperAsync(tenant, "reason = 'otro'");
        await page.GetByRole(AriaRole.Button, new() { Name = "Verificar otra vez" }).ClickAsync();
        await Expect(page.GetByText(
            $"Un lugar no se sostiene: el {seq.ToString("N0", CultureInfo.GetCultureInfo("es-PE"))}."))
            .ToBeVisibleAsync();
        var band = page.GetByRole(AriaRole.Complementary, new() { Name = "Alarma de la auditoría" });
        await Expect(band).ToContainTextAsync("La auditoría no se sostiene.");
        await AssertAccessibleAsync(page);
        await page.GotoAsync("/clientes");
        await Expect(band).ToBeVisibleAsync();

        await TamperAsync(tenant, "reason = NULL");
        await band.GetByRole(AriaRole.Link).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Verificar", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Verificar ahora" }).ClickAsync();
        await Expect(page.GetByText("La cadena está íntegra")).ToBeVisibleAsync();
        await Expect(band).ToBeHiddenAsync();
    }

    [Fact]
    public async Task Exports_CsvAndJsonLines_HaveEveryRecordAndAreRecorded()
    {
        var (tenant, name) = await ChangedTenantAsync("archivo");
        var page = await SignedInAsync($"/auditoria?cliente={tenant}");
        var lines = await DownloadAsync(page, "Exportar JSON");
        var records = lines.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(["tenant.created", "tenant.updated", "audit.exported"],
            records.Select(r => r.GetProperty("action").GetString()));
        Assert.Equal(64, records[1].GetProperty("hash").GetString()!.Length);

        var rows = (await DownloadAsync(page, "Exportar CSV")).TrimStart('\uFEFF')
            .Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith(
            "seq,at,actor_id,actor_name,actor_address,via,action,tenant_id,ruc,subdomain,before,after,reason,",
            rows[0], StringComparison.Ordinal);
        Assert.Equal(1 + 4, rows.Length);
        Assert.Contains(name, rows[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Print_Page_HasSentencesFiltersBothTimesAndHead()
    {
        var (tenant, name) = await ChangedTenantAsync("papel");
        var page = await SignedInAsync($"/auditoria?cliente={tenant}&desde=2026-01-05");
        await page.GetByRole(AriaRole.Link, new() { Name = "Imprimir" }).ClickAsync();

        await Expect(page.Locator(".print-records li")).ToHaveCountAsync(2);
        await Expect(page.Locator(".print-head")).ToContainTextAsync("Desde: 5/01/2026");
        await Expect(page.Locator(".print-records"))
            .ToContainTextAsync($"cambió el límite de usuarios de 10 a 15 (Cliente {name}).");
        await Expect(page.Locator(".print-records li").First).ToContainTextAsync("UTC");
        await Expect(page.Locator(".print-head")).ToContainTextAsync($"Cliente: Cliente {name}");
        var head = await Host.Services.GetRequiredService<AuditReader>()
            .GetAsync(await Host.AdministratorAsync(), await SeqOfHeadShownAsync(page), Cancellation);
        await Expect(page.Locator(".print-head")).ToContainTextAsync(Convert.ToHexString(head.Hash));
        await AssertAccessibleAsync(page);
        await AssertFitsAsync(page);

        // The printed page does not contain the buttons.
        await page.EmulateMediaAsync(new() { Media = Media.Print });
        await Expect(page.Locator(".print-tools")).ToBeHiddenAsync();
        Assert.True((await page.PdfAsync()).Length > 10_000);
    }

    [Fact]
    public async Task TenantTab_BeforeAndAfterThePurge_ShowsTheTrail()
    {
        var name = PortalTenants.NewName("difunto");
        var tenant = await Host.ReadyTenantAsync(name, TenantEnvironments.Demo);
        await using (var scope = Host.Scope())
        {
            await Host.ReachAsync(await scope.ServiceProvider.GetRequiredService<TenantDeletion>().DeleteAsync(
                await Host.AdministratorAsync(), tenant,
                new DeletionRequest(name, "Terminó la prueba", PortalHost.AdministratorPassword, 0), Cancellation),
                OperationState.Succeeded);
        }

        var page = await SignedInAsync($"/clientes/{tenant}");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = $"Cliente {name}" })).ToBeVisibleAsync();
        await Expect(page.GetByText("Destruido.")).ToBeVisibleAsync();
        await Expect(page.GetByText($"destruyó la base de datos de Cliente {name}")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Row).Filter(new() { HasText = "pidió destruir la base de datos" })
            .GetByRole(AriaRole.Button).ClickAsync();
        await Expect(page.Locator(".audit-signature"))
            .ToContainTextAsync("Firmado: «Destruyo ahora la base de datos de este cliente");
        await AssertAccessibleAsync(page);

        var living = await Host.ReadyTenantAsync(PortalTenants.NewName("vivo"));
        await page.GotoAsync($"/clientes/{living}?seccion=auditoria");
        await Expect(page.GetByText("terminó de crear la base de datos")).ToBeVisibleAsync();
    }

    private static async Task<long> SeqOfHeadShownAsync(IPage page) =>
        long.Parse((await page.Locator(".print-head dd .num").First.InnerTextAsync())
            .Replace(",", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);

    private static async Task<string> DownloadAsync(IPage page, string link)
    {
        var download = await page.RunAndWaitForDownloadAsync(
            () => page.GetByRole(AriaRole.Link, new() { Name = link, Exact = true }).ClickAsync());
        Assert.StartsWith("auditoria-", download.SuggestedFilename, StringComparison.Ordinal);
        return await File.ReadAllTextAsync(await download.PathAsync(), Cancellation);
    }

    // Runs a change as the owner of the server; returns the number of the audit record.
    private async Task<long> TamperAsync(int tenant, string change)
    {
        await using var connection =
            await PostgresServer.OpenAsync(Host.Postgres.SuperuserUrl(Host.Master.Database), Cancellation);
        await using var command = new Npgsql.NpgsqlCommand(
            $"""
            ALTER TABLE portal.audit_events DISABLE TRIGGER ALL;
            UPDATE portal.audit_events SET {change} WHERE tenant_id = {tenant} AND action = 'tenant.updated';
            ALTER TABLE portal.audit_events ENABLE TRIGGER ALL;
            SELECT seq FROM portal.audit_events WHERE tenant_id = {tenant} AND action = 'tenant.updated'
            """, connection);
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    private async Task<(int Tenant, string Name)> ChangedTenantAsync(string stem)
    {
        var name = PortalTenants.NewName(stem);
        var (tenant, _) = await Host.RegisterAsync(name, provision: false);
        await using var scope = Host.Scope();
        var actor = await Host.AdministratorAsync();
        var editing = scope.ServiceProvider.GetRequiredService<TenantEditing>();
        var seen = TenantDetails.Of(
            (await scope.ServiceProvider.GetRequiredService<TenantSearch>()
            .GetAsync(actor, tenant, Cancellation)).View!.Row);
        await PostgresServer.ExecuteAsync(
            Host.Master, $"UPDATE clientes_saas SET max_usuarios = 10 WHERE id = {tenant}", Cancellation);
        await editing.UpdateAsync(
            actor, tenant, seen with { MaxUsers = 10 }, seen with { MaxUsers = 15 }, Cancellation);
        return (tenant, name);
    }
}
