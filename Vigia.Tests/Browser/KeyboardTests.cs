using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.Team;
using Vigia.Core.Tenants;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser;

/// <summary>Where the keyboard is after a dialog, another page of a list, and a change under the focus.</summary>
public sealed class KeyboardTests(LateAnswerHost host, Chromium chromium) : LateAnswerTest(host, chromium)
{
    private const string Requester = "Ana Keyboard";

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
    public async Task Pager_OfAnyList_TheKeyboardStartsAtItsListAndNotAtAnother()
    {
        var many = await ManyTenantsAsync(120);
        await using (var scope = Host.Scope())
        {
            for (var records = 0; records < 60; records++)
            {
                await scope.ServiceProvider.GetRequiredService<RightsHistory>()
                    .ExportAtAsync(await Host.AdministratorAsync(), DateTimeOffset.UtcNow, Cancellation);
            }
        }

        var page = await InListAsync();
        foreach (var (path, pager, list) in new[]
        {
            (PortalUrls.Audit, "Páginas de la lista", "Registros, los más nuevos primero"),
            (PortalUrls.Operation(many), "Páginas de resultados", "Clientes de la operación"),
        })
        {
            await GoAsync(page, path);
            var turns = page.GetByRole(AriaRole.Navigation, new() { Name = pager, Exact = true });
            await Expect(turns).ToBeVisibleAsync();
            await Expect(page.Locator("main h1")).ToBeFocusedAsync();
            await turns.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^(Siguiente|Más antiguos)$") })
                .PressAsync("Enter");

            await Expect(page.GetByRole(AriaRole.Region, new() { Name = list })).ToBeFocusedAsync();
            await Expect(turns.GetByRole(AriaRole.Status)).ToContainTextAsync("51–");
        }

        // Two lists on one page.
        await page.EvaluateAsync(
            """
            () => {
              const list = document.querySelector("main .table-frame").parentElement;
              const other = list.cloneNode(true);
              list.before(other);
              other.querySelector(".pager").ariaLabel = "otra";
            }
            """);
        await page.GetByRole(AriaRole.Navigation, new() { Name = "Páginas de resultados" })
            .GetByRole(AriaRole.Button, new() { Name = "Anterior" }).PressAsync("Enter");

        await Expect(page.Locator(".table-frame").Nth(1)).ToBeFocusedAsync();
    }

    [Fact]
    public async Task List_OfEveryPage_UnderAHand_KeepsItsRowsAndShowsAPill()
    {
        var many = await ManyTenantsAsync(60);
        var tenant = Host.Tenants[0].Number;
        var actor = await Host.AdministratorAsync();
        await using var scope = Host.Scope();
        var activation = scope.ServiceProvider.GetRequiredService<TenantActivation>();
        await activation.SuspendAsync(actor, tenant, "falta_de_pago", null, Cancellation);
        (string Path, string List, Func<Task> Change)[] lists =
        [
            (PortalUrls.Operation(many), "Clientes de la operación", () => ExecuteAsync(
                $"""
                UPDATE portal.operation_items SET state = 'failed'
                WHERE operation_id = '{many}' AND tenant_id = (
                    SELECT max(tenant_id) FROM portal.operation_items WHERE operation_id = '{many}');
                UPDATE portal.operations SET progress = progress + 1 WHERE id = '{many}'
                """)),
            ($"{PortalUrls.Tenant(tenant)}?seccion=operaciones", "Operaciones, las más nuevas primero",
                () => AddOperationAsync("prove_isolation", "succeeded", tenant)),
            ($"{PortalUrls.Tenant(tenant)}?seccion=auditoria", "Registros, los más nuevos primero", async () =>
            {
                await activation.ReactivateAsync(actor, tenant, Cancellation);
            }),
            ($"{PortalUrls.TeamMember(actor.StaffId!.Value)}?seccion=historial", "Registros, los más nuevos primero",
                ExportAsync),
            (PortalUrls.Team, "Equipo", async () =>
                await Host.InvitedAsync("Zoila Zapata", PortalTeam.Access(StaffRoles.Operator))),
        ];
        var page = await InListAsync();
        foreach (var (path, list, change) in lists)
        {
            await GoAsync(page, path);
            var frame = page.GetByRole(AriaRole.Region, new() { Name = list, Exact = true });
            var rows = frame.Locator("tbody tr");
            await Expect(page.Locator("main .skeleton")).ToHaveCountAsync(0);
            await rows.First.HoverAsync();
            await HoldsInServerAsync(page);
            await rows.First.HoverAsync();
            var before = await rows.AllInnerTextsAsync();

            await change();

            await Expect(page.Locator("main .count-pill")).ToContainTextAsync(new Regex("[12] cambio"));
            Assert.Equal(before[0], (await rows.AllInnerTextsAsync())[0]);
            Assert.Equal(before.Count, await rows.CountAsync());
            await page.Locator("main .count-pill").ClickAsync();
            await Expect(page.Locator("main .count-pill")).ToHaveCountAsync(0);
            await Eventually.HoldsAsync(
                $"the list of {path} is another one",
                async () => !before.SequenceEqual(await rows.AllInnerTextsAsync()), Cancellation);
        }

        Task ExportAsync() => scope.ServiceProvider.GetRequiredService<RightsHistory>()
            .ExportAtAsync(actor, DateTimeOffset.UtcNow, Cancellation);
    }

    [Fact]
    public async Task Panel_PointerLeavesOneListWhileTheFocusIsInTheOther_NoRowMoves()
    {
        await AddOperationAsync("prove_isolation", "failed", Host.Tenants[0].Number);
        await AddOperationAsync("prove_isolation", "running", Host.Tenants[1].Number);
        var page = await InListAsync();
        await GoAsync(page, PortalUrls.Panel);
        var (running, failed) = (page.Locator(".dashboard-list").First, page.Locator(".dashboard-list").Last);
        await failed.Locator("tbody a").First.FocusAsync();
        await running.Locator("tbody tr").First.HoverAsync();
        await page.Mouse.MoveAsync(1, 1);
        await HoldsInServerAsync(page);
        await failed.Locator("tbody a").First.FocusAsync();
        var before = await failed.Locator("tbody tr").CountAsync();

        await AddOperationAsync("prove_isolation", "failed", Host.Tenants[2].Number);

        await Expect(page.Locator(".count-pill")).ToContainTextAsync("1 cambio");
        await Expect(failed.Locator("tbody tr")).ToHaveCountAsync(before);
        await page.Locator(".count-pill").ClickAsync();
        await Expect(failed.Locator("tbody tr")).ToHaveCountAsync(before + 1);
    }

    [Fact]
    public async Task List_OfMoreRowsThanAreCounted_ANewOneComesIn()
    {
        // "aaa" comes before all others, and the total stays "more than 10,000".
        await ExecuteAsync(
            """
            SET session_replication_role = replica;
            INSERT INTO clientes_saas (ruc, razon_social, subdominio, correo_acceso, entorno, is_active)
            SELECT '20' || lpad(i::text, 9, '0'), 'Muchos ' || i, 'muchos-' || i, 'a@muchos.pe', 'demo', true
            FROM generate_series(800000001, 800010050) i
            """);
        var page = await InListAsync();
        await GoAsync(page, $"{PortalUrls.Tenants}?entorno=demo");
        await Expect(page.Locator(".list-note")).ToContainTextAsync("más de 10,000");
        await page.Mouse.MoveAsync(1, 1);
        var name = PortalTenants.NewName("aaa");

        await ExecuteAsync(
            $"""
            INSERT INTO clientes_saas (ruc, razon_social, subdominio, correo_acceso, entorno, is_active)
            VALUES ('20800020000', '{name}', 'muchos-{name}', 'a@muchos.pe', 'demo', true)
            """);

        await Expect(page.Locator(".table tbody tr").First).ToContainTextAsync(name);
        await ExecuteAsync(
            "SET session_replication_role = replica; DELETE FROM clientes_saas WHERE subdominio LIKE 'muchos-%'");
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

        // Lists whose filters are sent one by one.
        await GoAsync(page, PortalUrls.Audit);
        await page.Locator("#audit-text").FillAsync(Host.Tenants[0].Name);
        await page.Locator("#audit-text").PressAsync("Enter");
        await Expect(page).ToHaveURLAsync(new Regex($"texto={Host.Tenants[0].Name}"));
        await page.Locator("#audit-action").SelectOptionAsync("tenant.created");
        await Expect(page).ToHaveURLAsync(new Regex("accion=tenant.created"));
        await page.Locator("#audit-text").FillAsync("nadie así");
        await page.GoBackAsync();
        await Expect(page.Locator("#audit-text")).ToHaveValueAsync(Host.Tenants[0].Name);
        await Expect(page.Locator("#audit-action")).ToHaveValueAsync("");
        await page.GoBackAsync();
        await Expect(page.Locator("#audit-text")).ToHaveValueAsync("");
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

    private Task ExecuteAsync(string sql) =>
        PostgresServer.ExecuteAsync(Host.Postgres.SuperuserUrl(Host.Master.Database), sql, Cancellation);

    // Other classes count the operations of these tenants, or start some.
    protected override Task CleanUpAsync() =>
        ExecuteAsync($"DELETE FROM portal.operations WHERE requested_by_name = '{Requester}'");

    private Task AddOperationAsync(string kind, string state, int tenant) => ExecuteAsync(
        $"""
        INSERT INTO portal.operations (
            id, kind, state, tenant_id, server_id, requested_by_name, data, priority, attempt, crashes, epoch,
            created_at, finished_at, lease_until, progress)
        VALUES (gen_random_uuid(), '{kind}', '{state}', {tenant}, 1, '{Requester}', '{"{}"}', 10, 0, 0, 0, now(),
            CASE WHEN '{state}' <> 'running' THEN now() END,
            CASE WHEN '{state}' = 'running' THEN now() + interval '1 hour' END, 0)
        """);

    // An operation on many tenants, which are not in the registry.
    private async Task<Guid> ManyTenantsAsync(int count)
    {
        var id = Guid.NewGuid();
        await ExecuteAsync(
            $"""
            INSERT INTO portal.operations (
                id, kind, state, server_id, requested_by_name, data, priority, attempt, crashes, epoch, created_at,
                progress, item_count)
            VALUES ('{id}', 'toggle_tenants', 'succeeded', 1, 'Ana', '{"{}"}', 10, 0, 0, 0, now(), 0, {count});
            INSERT INTO portal.operation_items (operation_id, tenant_id, name, state)
            SELECT '{id}', 900000 + i, 'Masivo ' || lpad(i::text, 4, '0'), 'done' FROM generate_series(1, {count}) i
            """);
        return id;
    }

    private Task KillListenerAsync() => PostgresServer.ExecuteAsync(
        Host.Postgres.SuperuserUrl("postgres"),
        $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{Host.Master.Database}' "
        + "AND query ILIKE 'LISTEN%'",
        Cancellation);
}
