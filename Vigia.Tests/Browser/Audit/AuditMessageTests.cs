using System.Collections;
using System.Globalization;
using System.Net;
using System.Resources;
using System.Text.Json;
using Bunit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using MudBlazor.Services;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Portal;
using Vigia.Portal.Components.Audit;
using Vigia.Portal.Components.Shared;
using Vigia.Tests.Api;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Audit;

/// <summary>
/// Every message code in a stored record, with its arguments and, as earlier builds stored it, without: the page, the
/// printed page and the files show it.
/// </summary>
public sealed class AuditMessageTests(PortalHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<PortalHost>
{
    private static readonly string[] Codes =
    [
        .. new ResourceManager("Vigia.Core.Foundation.Errors.Messages", typeof(Message).Assembly)
            .GetResourceSet(CultureInfo.InvariantCulture, createIfNotExists: true, tryParents: false)!
            .Cast<DictionaryEntry>().Select(text => (string)text.Key).Order(StringComparer.Ordinal),
    ];

    [Fact]
    public async Task Record_OfAFailedOperation_ExplainsTheFailureOnPageAndTab()
    {
        var (tenant, _) = await Host.RegisterAsync(PortalTenants.NewName("fallo"), provision: false);
        await StoreAsync(
            tenant, Values("database_exists_not_ours", new Message("database_exists_not_ours", "vigia_x")));
        await StoreAsync(tenant, Values("database_exists_not_ours", "database_exists_not_ours"));

        var page = await SignedInAsync($"/auditoria?cliente={tenant}&accion=operation.failed");
        await OpenAllAsync(page);
        await page.GotoAsync($"/clientes/{tenant}?seccion=auditoria");
        await DrawnAsync(page);
        await OpenAllAsync(page);
    }

    [Fact]
    public async Task Record_WithEveryMessageCode_IsRenderedOnPagePrintAndFiles()
    {
        var (tenant, _) = await Host.RegisterAsync(PortalTenants.NewName("codigos"), provision: false);
        await StoreAsync(tenant, [.. Codes.SelectMany(code => new[]
        {
            Values(code, new Message(code, "uno", "dos") { Parts = [new Message(code)] }).Single(),
            Values(code, code).Single(),
        })]);
        var records = new List<AuditEvent>();
        await foreach (var record in Host.Services.GetRequiredService<AuditReader>().ExportAsync(
            await Host.AdministratorAsync(),
            new AuditFilter { TenantId = tenant, Action = "operation.failed" }, "jsonl", Cancellation))
        {
            records.Add(record);
        }

        Assert.Equal(2 * Codes.Length, records.Count);
        await AssertDetailsAsync(records, "es-PE");
        await AssertDetailsAsync(records, "en");

        using var browser = new BrowserSession(Host);
        await browser.SignInAsync(PortalHost.AdministratorEmail, PortalHost.AdministratorPassword);
        var query = $"?cliente={tenant}&accion=operation.failed";
        var paper = await TextAsync(browser, PortalUrls.AuditPrint + query);
        Assert.Equal(records.Count, paper.Split("<li>").Length - 1);
        foreach (var format in new[] { "csv", "jsonl" })
        {
            var file = await TextAsync(browser, PortalUrls.AuditExport(format) + query);
            Assert.All(records, record =>
                Assert.Contains(Convert.ToHexString(record.Hash), file, StringComparison.Ordinal));
        }
    }

    // The details of each record, and the sentence that the printed page has.
    private static async Task AssertDetailsAsync(List<AuditEvent> records, string language)
    {
        CultureInfo.CurrentUICulture = CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(language);
        await using var bunit = new BunitContext();
        bunit.Services.AddWording().AddMudServices().AddScoped<AuditSentences>().AddSingleton(TimeProvider.System)
            .AddScoped<CircuitLine>().AddScoped<BrowserCalls>();
        bunit.JSInterop.Mode = JSRuntimeMode.Loose;
        foreach (var record in records)
        {
            var stored = AuditedMessage.Read(JsonDocument.Parse(record.After!).RootElement.GetProperty("error"))!;
            var shown = bunit.Render<AuditRecordDetail>(p => p.Add(d => d.Record, record)
                .Add(d => d.Names, new Dictionary<int, string>()));
            Assert.Equal(stored.Render().ReplaceLineEndings("\n"),
                shown.FindAll("ins")[^1].TextContent.ReplaceLineEndings("\n"));
        }
    }

    private static async Task OpenAllAsync(IPage page)
    {
        var rows = page.GetByRole(AriaRole.Row).Filter(new() { HasText = "no pudo terminar" });
        await Expect(rows).ToHaveCountAsync(2);
        for (var row = 0; row < 2; row++)
        {
            await rows.Nth(row).GetByRole(AriaRole.Button).ClickAsync();
        }

        await Expect(page.GetByText(new Message("database_exists_not_ours", "vigia_x").Render(Spanish)))
            .ToBeVisibleAsync();
        await Expect(page.GetByText(new Message("database_exists_not_ours").Render(Spanish))).ToBeVisibleAsync();
    }

    private static CultureInfo Spanish => CultureInfo.GetCultureInfo("es-PE");

    private static async Task<string> TextAsync(BrowserSession browser, string address)
    {
        using var answer = await browser.GetAsync(address, ("Sec-Fetch-Site", "same-origin"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(Cancellation);
    }

    private static Dictionary<string, object?>[] Values(string code, object error) =>
        [new() { ["kind"] = code, ["error"] = error is Message message ? AuditedMessage.Of(message) : error }];

    private async Task StoreAsync(int tenant, Dictionary<string, object?>[] values)
    {
        await using var db = await Host.Services.GetRequiredService<IDbContextFactory<MasterContext>>()
            .CreateDbContextAsync(Cancellation);
        await Host.Services.GetRequiredService<AuditTrail>().CommitAsync(
            db, await Host.AdministratorAsync(),
            [.. values.Select(after => new AuditEntry("operation.failed") { TenantId = tenant, After = after })],
            Cancellation);
    }
}
