using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Operations;

public sealed class OperationPagesTests(PortalHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<PortalHost>
{
    private static readonly LocatorAssertionsToHaveTextOptions Patient = new() { Timeout = 60_000 };

    [Fact]
    public async Task Operation_Watched_UpdatesToItsEndWithoutReload()
    {
        await Host.PauseAsync(true);
        var (tenant, operation) = await Host.RegisterAsync(PortalTenants.NewName("vivo"));
        var page = await SignedInAsync(PortalUrls.Operation(operation!.Value));
        await Expect(Chip(page)).ToHaveTextAsync("En cola");
        await Expect(page.GetByText("Los trabajos están en pausa")).ToBeVisibleAsync();
        await page.EvaluateAsync("window.sameDocument = true");

        await Host.PauseAsync(false);

        await Expect(Chip(page)).ToHaveTextAsync("Terminada", Patient);
        await Expect(page.Locator(".step-done")).ToHaveCountAsync(7);
        await Expect(page).ToHaveTitleAsync(new Regex("^Terminada · Crear base de datos"));
        Assert.True(await page.EvaluateAsync<bool>("window.sameDocument"));
        await page.GetByRole(AriaRole.Link, new() { Name = "Ir al cliente" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex($"{PortalUrls.Tenant(tenant)}$"));
    }

    [Fact]
    public async Task Operation_Failed_ShowsReasonAndTraceIdAndCanBeRetried()
    {
        // A database that does not belong to the portal has this name. The portal notices it only when the work begins.
        var subdomain = PortalTenants.NewName("ajeno");
        await Host.PauseAsync(true);
        var (_, operation) = await Host.RegisterAsync(subdomain);
        await Host.Postgres.CreateDatabaseAsync($"vigia_{subdomain}", null, Cancellation);
        await Host.PauseAsync(false);
        var page = await SignedInAsync(PortalUrls.Operation(operation!.Value));

        await Expect(Chip(page)).ToHaveTextAsync("Falló", Patient);
        await Expect(page.GetByRole(AriaRole.Alert).First)
            .ToContainTextAsync($"ya hay una base de datos «vigia_{subdomain}» que no es de este portal");
        var stored = await Host.Services.GetRequiredService<OperationService>()
            .GetAsync(await Host.AdministratorAsync(), operation.Value, Cancellation);
        await Expect(page.GetByText(stored.TraceId!)).ToBeVisibleAsync();
        await AssertAccessibleAsync(page);

        await Host.Postgres.DropDatabaseAsync($"vigia_{subdomain}", Cancellation);
        await page.GetByRole(AriaRole.Button, new() { Name = "Reintentar" }).ClickAsync();

        await Expect(Chip(page)).ToHaveTextAsync("Terminada", Patient);
    }

    [Fact]
    public async Task Operation_HalfDone_IsUnchangedByAReloadAndCanBeCancelled()
    {
        // The portal can't end a superuser's session. The deletion waits for a person in its second step.
        var subdomain = PortalTenants.NewName("ocupado");
        var tenant = await Host.ReadyTenantAsync(subdomain);
        await using var held =
            await PostgresServer.OpenAsync(Host.Postgres.SuperuserUrl($"vigia_{subdomain}"), Cancellation);
        var operation = await Host.DeleteAsync(tenant, subdomain);
        var page = await SignedInAsync(PortalUrls.Operation(operation));
        await Expect(Chip(page)).ToHaveTextAsync("Espera a una persona", Patient);
        var before = await page.Locator(".stepper").InnerTextAsync();

        await page.ReloadAsync();
        await DrawnAsync(page);

        await Expect(Chip(page)).ToHaveTextAsync("Espera a una persona");
        Assert.Equal(before, await page.Locator(".stepper").InnerTextAsync());

        // An operator may control operations, but may not request this one.
        var member = await Host.AddStaffAsync("Olga Operadora", StaffRoles.Operator);
        var other = await SignedInAsync(
            PortalUrls.Operation(operation), Look.Usual, member.Email!, SecondFactorPages.Password);
        await Expect(other.GetByRole(AriaRole.Button, new() { Name = "Reintentar" })).ToBeDisabledAsync();
        await Expect(other.GetByRole(AriaRole.Button, new() { Name = "Cancelar operación" })).ToBeDisabledAsync();
        await Expect(other.GetByText("Su rol no permite pedir operaciones de este tipo")).ToBeVisibleAsync();
        await AssertAccessibleAsync(other);
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancelar operación" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("El cliente no se mueve ni se destruye");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "No cancelar" })).ToBeFocusedAsync();
        await AssertAccessibleAsync(page);
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Cancelar operación" })
            .ClickAsync();
        await Expect(Chip(page)).ToHaveTextAsync("Cancelada", Patient);
        await page.GotoAsync(PortalUrls.Tenant(tenant));
        await Expect(Chip(page)).ToHaveTextAsync("Activo");
    }

    [Fact]
    public async Task List_PointerInIt_KeepsItsRowsAndCountsTheChanges()
    {
        await Host.ReadyTenantAsync(PortalTenants.NewName("quieto"));
        var page = await SignedInAsync(PortalUrls.Operations);
        var rows = page.Locator(".table tbody tr");
        await rows.First.HoverAsync();
        await HoldsInServerAsync(page);
        await rows.First.HoverAsync();
        var before = await rows.CountAsync();

        await Host.ReadyTenantAsync(PortalTenants.NewName("nuevo"));

        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "1 cambio · Actualizar" })).ToBeVisibleAsync();
        await Expect(rows).ToHaveCountAsync(before);
        await page.GetByRole(AriaRole.Button, new() { Name = "1 cambio · Actualizar" }).ClickAsync();
        await Expect(rows).ToHaveCountAsync(before + 1);
    }

    [Fact]
    public async Task Pages_AsSupport_AreReadOnly()
    {
        // Support uses English here, so the test covers the second language, too.
        var subdomain = PortalTenants.NewName("mirado");
        await Host.PauseAsync(true);
        var (_, operation) = await Host.RegisterAsync(subdomain);
        var page = await SignedInAsync(
            PortalUrls.Operation(operation!.Value), Look.Usual with { Language = "en" }, await Host.SupportAsync());
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Create database", Level = 1 }))
            .ToBeVisibleAsync();
        await Expect(page.Locator("main")
            .GetByRole(AriaRole.Button, new() { NameRegex = new Regex("Try again|Cancel operation") }))
            .ToHaveCountAsync(0);

        await page.GotoAsync(PortalUrls.Operations);
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Create database" }).First).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Resume work" })).ToHaveCountAsync(0);

        await Host.PauseAsync(false);
        await Host.ReachAsync(operation.Value, OperationState.Succeeded);
        await Expect(page.Locator(".table tbody tr").Filter(new() { HasText = subdomain })).ToContainTextAsync("Done");
    }

    [Fact]
    public async Task Operation_UnknownId_SaysSoWithALinkBack()
    {
        var page = await SignedInAsync(PortalUrls.Operation(Guid.NewGuid()));

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Esta operación no existe" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Ver las operaciones" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Operaciones", Level = 1 })).ToBeVisibleAsync();
    }

    private static ILocator Chip(IPage page) => page.Locator(".page-header .state-chip");
}
