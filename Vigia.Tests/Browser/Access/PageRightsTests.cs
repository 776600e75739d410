using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Core.Foundation.Access;
using Vigia.Portal;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Access;

/// <summary>
/// Requests every page, found by its route, as every role. Only people who hold its right may see it. A page, menu
/// entry or endpoint that is added without a right fails here.
/// </summary>
public sealed class PageRightsTests(RolesHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<RolesHost>
{
    // Endpoints besides pages that answer without a right: those that the browser needs before the sign-in, and those
    // that check the right themselves.
    private static readonly string[] OpenEndpoints =
        ["/health", "/_framework", "/_blazor", "/_content", "/css", "/js", "/fonts", "/favicon", "/preferencias",
        "/cuenta", "/api", "/openapi", "/invitacion", "/{**path:file}"];

    // Buttons and links on the main pages, each with the right without which it is not shown.
    private static readonly (string Path, string Name, string Right)[] Controls =
    [
        (PortalUrls.Tenants, "Nuevo cliente", Rights.TenantsCreate),
        (PortalUrls.TenantRoute, "Invitar", Rights.TenantsInvite),
        (PortalUrls.TenantRoute, "Suspender", Rights.TenantsToggle),
        (PortalUrls.TenantRoute, "Editar", Rights.TenantsUpdate),
        (PortalUrls.TenantRoute, "Baja y eliminación", Rights.TenantsDeleteSoft),
        (PortalUrls.TenantRoute + "?seccion=peligro", "Dar de baja", Rights.TenantsDeleteSoft),
        (PortalUrls.TenantRoute + "?seccion=peligro", "Mover a la papelera", Rights.TenantsDeleteHard),
        (PortalUrls.TenantRoute + "?seccion=peligro", "Cambiar subdominio", Rights.TenantsRename),
        (PortalUrls.Diagnosis, "Diagnosticar", Rights.TenantsDiagnose),
        (PortalUrls.Operations, "Pausar trabajos", Rights.WorkersPause),
        (PortalUrls.Trash, "Restaurar Cliente", Rights.TenantsRestore),
        (PortalUrls.Trash, "Destruir", Rights.TenantsDeleteHard),
        (PortalUrls.Audit, "Verificar", Rights.AuditVerify), (PortalUrls.Audit, "Imprimir", Rights.AuditExport),
        (PortalUrls.Team, "Invitar", Rights.StaffManage),
        (PortalUrls.Team, "Cuentas de servicio", Rights.ServiceAccountsManage),
        (PortalUrls.ServiceAccounts, "Crear cuenta de servicio", Rights.ServiceAccountsManage),
        (PortalUrls.MyTokens, "Crear un token", Rights.AccountOwn),
    ];

    public static TheoryData<string> Everybody => [.. StaffRoles.All, RolesHost.Limited];

    [Fact]
    public void Pages_EachOne_RequiresARightOrIsPublic()
    {
        foreach (var page in PortalPage.All)
        {
            var isPublic = PortalPage.Public.Contains(page.Route);
            var needsNoRight = isPublic || PortalPage.ForAnybodySignedIn.Contains(page.Route);
            Assert.True(needsNoRight == (page.Right is null) && isPublic == page.IsAnonymous,
                $"{page.Name} ({page.Route}): right {page.Right ?? "none"}, anonymous {page.IsAnonymous}");
            Assert.True(page.Right is null || Rights.All.Contains(page.Right), page.Name);
        }

        Assert.All(PortalPage.Public.Concat(PortalPage.ForAnybodySignedIn),
            route => Assert.Contains(PortalPage.All, page => page.Route == route));
        Assert.True(PortalPage.All.Count(page => page.Right is not null) > 12, $"{PortalPage.All.Count}");
    }

    [Fact]
    public void Endpoints_EachOne_RequiresARightOrIsPublic()
    {
        var routes = PortalPage.All.Select(page => page.Route).ToHashSet();
        var wrong = host.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints)
            .OfType<RouteEndpoint>()
            .Select(endpoint => (Pattern: "/" + endpoint.RoutePattern.RawText?.TrimStart('/'), endpoint.Metadata))
            .Where(endpoint => !routes.Contains(endpoint.Pattern)
                && !Array.Exists(OpenEndpoints, open => endpoint.Pattern.StartsWith(open, StringComparison.Ordinal)))
            .Where(endpoint => !endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>()
                .Any(data => data.Policy?.StartsWith("right:", StringComparison.Ordinal) == true))
            .Select(endpoint => endpoint.Pattern).Distinct().ToList();
        Assert.Empty(wrong);
    }

    [Theory]
    [MemberData(nameof(Everybody))]
    public async Task Pages_WithEveryRole_AreShownOnlyWithTheirRight(string role)
    {
        var page = await SignedInAsync("/", email: host.Email(role));
        foreach (var asked in PortalPage.All.Where(p => p.Right is not null))
        {
            await page.GotoAsync(Address(asked.Route));
            await page.Locator("h1").First.WaitForAsync();
            var denied = page.GetByRole(AriaRole.Heading, new() { Name = "Esto no le está permitido" });
            await Expect(denied).ToHaveCountAsync(May(role, asked.Right!) ? 0 : 1);
            if (May(role, asked.Right!))
            {
                Assert.StartsWith(Address(asked.Route), new Uri(page.Url).PathAndQuery, StringComparison.Ordinal);
                await Expect(page.Locator(".error-state")).ToHaveCountAsync(0);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Everybody))]
    public async Task MenuAndButtons_WithEveryRole_MatchItsRights(string role)
    {
        var everything = await MenuAsync(await SignedInAsync("/", email: host.Email(StaffRoles.Administrator)));
        var page = await SignedInAsync("/", email: host.Email(role));
        Assert.Equal(everything.Where(href => May(role, RightOf(href))), await MenuAsync(page));
        foreach (var path in Controls.GroupBy(c => c.Path))
        {
            if (!May(role, RightOf(path.Key.Split('?')[0])))
            {
                continue;
            }

            await page.GotoAsync(Address(path.Key));
            await DrawnAsync(page);
            await Expect(page.Locator(".skeleton")).ToHaveCountAsync(0);
            foreach (var (_, name, right) in path)
            {
                // The next step of a new tenant has a name that begins like that of this button.
                var exact = name == "Invitar";
                var control = page.Locator("main").GetByRole(AriaRole.Button, new() { Name = name, Exact = exact })
                    .Or(page.Locator("main").GetByRole(AriaRole.Link, new() { Name = name, Exact = exact }));

                // The competitor in the trash is hidden from people whose scope does not include it.
                var there = May(role, right) && (role != RolesHost.Limited || path.Key != PortalUrls.Trash);
                await Expect(control).ToHaveCountAsync(there ? 1 : 0);
            }
        }
    }

    [Fact]
    public async Task Pages_AsALimitedAuditor_ShowNoOtherTenant()
    {
        var page = await SignedInAsync("/", email: host.Email(RolesHost.Limited));
        var paths = PortalPage.All.Where(p => p.Right is not null && May(RolesHost.Limited, p.Right))
            .Select(p => Address(p.Route))
            .Concat([
                PortalUrls.Tenant(host.RivalId), $"{PortalUrls.Tenant(host.RivalId)}?seccion=operaciones",
                PortalUrls.Operation(host.RivalOperation), $"{PortalUrls.Audit}?cliente={host.RivalId}",
                $"{PortalUrls.Audit}?operacion={host.RivalOperation}", $"{PortalUrls.Operations}?estado=succeeded",
                $"{PortalUrls.Tenants}?estado=trashed",
            ]);
        foreach (var path in paths)
        {
            await page.GotoAsync(path);
            await page.Locator("h1").First.WaitForAsync();
            await Expect(page.Locator(".skeleton")).ToHaveCountAsync(0);
            var shown = await page.TitleAsync() + await page.ContentAsync();
            Assert.All(host.Secrets,
                secret => Assert.False(
                shown.Contains(secret, StringComparison.OrdinalIgnoreCase), $"{path} says {secret}"));
        }

        await page.GotoAsync(PortalUrls.Tenants);
        await DrawnAsync(page);
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = $"Cliente {host.OwnName}" })).ToBeVisibleAsync();
        await AssertSearchAsync(page);
    }

    // The search box finds the one tenant and no other.
    private async Task AssertSearchAsync(IPage page)
    {
        await page.Keyboard.PressAsync("Control+k");
        await page.Locator("#global-search").PressSequentiallyAsync("Cliente");
        await Expect(page.Locator(".search-results li")).ToHaveTextAsync([new Regex(Regex.Escape(host.OwnName))]);
        await page.Locator("#global-search").FillAsync("competidor");
        await Expect(page.Locator(".search-results li")).ToHaveCountAsync(0);
        await Expect(page.Locator(".search-note")).Not.ToBeEmptyAsync();
        await page.Locator("#global-search").FillAsync(host.RivalId.ToString(CultureInfo.InvariantCulture));
        await Expect(page.Locator(".search-results li").Filter(new() { HasText = "competidor" })).ToHaveCountAsync(0);
    }

    private static bool May(string role, string right) =>
        Rights.ByRole[role == RolesHost.Limited ? StaffRoles.Auditor : role].Contains(right);

    private static string RightOf(string route) => PortalPage.All.Single(page => page.Route == route).Right!;

    private static async Task<IReadOnlyList<string>> MenuAsync(IPage page)
    {
        await page.Locator(".side-menu a").First.WaitForAsync();
        return await page.Locator(".side-menu a").EvaluateAllAsync<string[]>(
            "links => links.map(link => new URL(link.href).pathname)");
    }

    // The address of a page. Its parameters have values that exist.
    private string Address(string route)
    {
        var (path, query) = route.Split('?') is [var before, var after] ? (before, "?" + after) : (route, "");
        Assert.True(!path.Contains('{', StringComparison.Ordinal) || host.Samples.ContainsKey(path),
            $"{nameof(RolesHost)}.{nameof(RolesHost.Samples)} has no address for {path}.");
        return host.Samples.GetValueOrDefault(path, path) + query;
    }
}
