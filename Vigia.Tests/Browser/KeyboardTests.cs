using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Core.Staff.Team;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser;

/// <summary>Where the keyboard is after a dialog, another page of a list, and a change under the focus.</summary>
public sealed class KeyboardTests(LateAnswerHost host, Chromium chromium) : LateAnswerTest(host, chromium)
{
    [Theory]
    [InlineData("Escape")]
    [InlineData("Cancelar")]
    public async Task Dialog_Closed_ReturnsTheFocusToItsButton(string how)
    {
        var page = await InListAsync();
        await GoAsync(page, Address(Host.Tenants[0], null));
        var opener = page.GetByRole(AriaRole.Button, new() { Name = "Suspender" });
        await opener.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();

        await HoldsAsync(page, "document.activeElement.closest('[role=dialog]') !== null");
        if (how == "Escape")
        {
            await page.Keyboard.PressAsync("Escape");
        }
        else
        {
            await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = how }).ClickAsync();
        }

        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Expect(opener).ToBeFocusedAsync();
    }

    [Fact]
    public async Task Search_Closed_ReturnsTheFocus()
    {
        var page = await InListAsync();
        await page.Locator("#list-plan").FocusAsync();
        await page.Keyboard.PressAsync("Control+k");
        await Expect(page.Locator("#global-search")).ToBeFocusedAsync();

        await page.Keyboard.PressAsync("Escape");

        await Expect(page.Locator("#list-plan")).ToBeFocusedAsync();
    }

    [Fact]
    public async Task Pager_Next_MovesTheFocusToTheListAndAnnouncesTheRows()
    {
        var page = await InListAsync();
        await GoAsync(page, PortalUrls.Tenants);
        await Expect(page.Locator(".table tbody tr")).ToHaveCountAsync(20);

        await page.GetByRole(AriaRole.Button, new() { Name = "Siguiente" }).PressAsync("Enter");

        await Expect(page.Locator(".table-frame")).ToBeFocusedAsync();
        await Expect(page.Locator(".pager [role=status]")).ToContainTextAsync("21");
    }

    [Fact]
    public async Task List_PointerPassesOverAFocusedRow_NoRowMoves()
    {
        var page = await InListAsync();
        var rows = page.Locator(".table tbody tr");
        await rows.First.GetByRole(AriaRole.Link).First.FocusAsync();
        await page.Locator(".table-frame").HoverAsync();
        await page.Mouse.MoveAsync(1, 1);
        await RoundTripAsync(page);
        await rows.First.GetByRole(AriaRole.Link).First.FocusAsync();

        var name = PortalTenants.NewName("aaa");
        await Host.RegisterAsync(name, provision: false);

        await Expect(page.Locator(".count-pill")).ToBeVisibleAsync();
        await Expect(rows).ToHaveCountAsync(Host.Tenants.Count);
        await page.Locator(".count-pill").ClickAsync();
        await Expect(rows).ToHaveCountAsync(Host.Tenants.Count + 1);
    }

    [Fact]
    public async Task List_FeedLostWhileThePointerIsInIt_PillCountsTheChanges()
    {
        var page = await InListAsync();
        await page.Locator(".table tbody tr").First.HoverAsync();
        await RoundTripAsync(page);
        await page.Locator(".table tbody tr").First.HoverAsync();
        await KillListenerAsync();
        var name = PortalTenants.NewName("aab");
        await Host.RegisterAsync(name, provision: false);

        await Expect(page.Locator(".count-pill")).ToBeVisibleAsync(new() { Timeout = 20_000 });
    }

    [Fact]
    public async Task Back_ToAFilteredList_TheSearchBoxShowsTheFilter()
    {
        var page = await InListAsync();
        foreach (var (path, box) in new[]
        {
            (PortalUrls.Tenants, "#list-search"), (PortalUrls.Databases, "#databases-search"),
        })
        {
            await GoAsync(page, path);
            await page.Locator(box).FillAsync(Host.Tenants[0].Name);
            await page.Locator(box).PressAsync("Enter");
            await page.Locator(box).PressAsync("Tab");
            await Expect(page).ToHaveURLAsync(new Regex($"q={Host.Tenants[0].Name}"));
            await Expect(page.Locator(".table tbody tr")).ToHaveCountAsync(1);
            await GoAsync(page, path);
            await Expect(page.Locator(box)).ToHaveValueAsync("");
            await page.Locator(box).FillAsync("nadie así");
            await page.GoBackAsync();

            await Expect(page).ToHaveURLAsync(new Regex($"q={Host.Tenants[0].Name}"));
            await Expect(page.Locator(".table tbody tr")).ToHaveCountAsync(1);
            await Expect(page.Locator(box)).ToHaveValueAsync(Host.Tenants[0].Name);
        }
    }

    [Fact]
    public async Task Operation_UnknownThenAKnownOne_IsShown()
    {
        var page = await InListAsync();
        await GoAsync(page, PortalUrls.Operation(Guid.NewGuid()));
        await Expect(page.GetByText("Volver a operaciones").Or(page.Locator(".empty-state")).First).ToBeVisibleAsync();

        await GoAsync(page, PortalUrls.Operation(Guid.Parse(Host.Operations[0].Id)));

        await Expect(page.Locator("main")).ToContainTextAsync(Host.Operations[0].Name);
    }

    [Fact]
    public async Task Member_ChangedWhileADialogIsOpen_IsShownAfterwards()
    {
        var member = Host.Members[1];
        var page = await SignedInAsync(PortalUrls.TeamMember(Guid.Parse(member.Id)));
        await page.GetByRole(AriaRole.Button, new() { Name = "Cambiar nombre" }).First.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await using (var scope = Host.Scope())
        {
            await scope.ServiceProvider.GetRequiredService<StaffChanges>().RenameAsync(
                await Host.AdministratorAsync(), Guid.Parse(member.Id), "Berta Otra", Cancellation);
        }

        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Cancelar" }).ClickAsync();

        await Expect(page.Locator("main h1")).ToContainTextAsync("Berta Otra");
        await using var after = Host.Scope();
        await after.ServiceProvider.GetRequiredService<StaffChanges>().RenameAsync(
            await Host.AdministratorAsync(), Guid.Parse(member.Id), member.Name, Cancellation);
    }

    [Fact]
    public async Task Trail_RecordThatConcernsNoTenant_IsCounted()
    {
        var page = await SignedInAsync(PortalUrls.Audit);
        await Expect(page.Locator("main .skeleton")).ToHaveCountAsync(0);
        await using var scope = Host.Scope();
        var time = DateTimeOffset.UtcNow;

        await scope.ServiceProvider.GetRequiredService<RightsHistory>()
            .ExportAtAsync(await Host.AdministratorAsync(), time, Cancellation);

        await Expect(page.Locator(".count-pill")).ToBeVisibleAsync();
    }

    private Task KillListenerAsync() => PostgresServer.ExecuteAsync(
        Host.Postgres.SuperuserUrl("postgres"),
        $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{Host.Master.Database}' "
        + "AND query ILIKE 'LISTEN%'",
        Cancellation);
}
