using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Staff.Team;
using Vigia.Portal;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Team;

/// <summary>The team's pages, with people in every state.</summary>
public sealed class TeamPageTests(TeamHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<TeamHost>
{
    private const string NewPassword = "Un-caballo-verde-77";

    [Theory]
    [MemberData(nameof(Look.All), MemberType = typeof(Look))]
    public async Task EveryPage_EveryLook_IsAccessibleAndFits(string language, bool dark, int width)
    {
        var look = new Look(language, dark, width);
        var page = await SignedInAsync("/", look);
        foreach (var path in host.Paths)
        {
            await page.GotoAsync(path);
            await DrawnAsync(page);
            await Expect(page.Locator(".skeleton")).ToHaveCountAsync(0);
            await AssertAccessibleAsync(page);
            await AssertFitsAsync(page);
        }

        var outside = await NewPageAsync(look);
        var link = await host.InvitedAsync(PortalTenants.NewName("mirada"), PortalTeam.Access(StaffRoles.Support));
        foreach (var token in new[] { link.Token, "nunca-existio" })
        {
            await outside.GotoAsync($"{PortalUrls.Invitation}?token={token}");
            await AssertAccessibleAsync(outside);
            await AssertFitsAsync(outside);
        }
    }

    [Fact]
    public async Task Dialogs_Open_AreAccessible()
    {
        var page = await SignedInAsync(PortalUrls.TeamMember(host.AuroraId));
        foreach (var action in new[] { "Recuperar acceso", "Cambiar acceso", "Cambiar nombre" })
        {
            await page.GetByRole(AriaRole.Button, new() { Name = action }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
            await AssertAccessibleAsync(page);
            await page.Keyboard.PressAsync("Escape");
            await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        }
    }

    [Fact]
    public async Task Invite_LimitedAuditor_SetsAPasswordAndSeesTheirTenantOnly()
    {
        var rival = PortalTenants.NewName("competidor");
        await host.RegisterAsync(rival, provision: false);
        var email = $"{PortalTenants.NewName("audrey")}@vigia.example";
        var page = await SignedInAsync(PortalUrls.Team);
        await page.GetByRole(AriaRole.Button, new() { Name = "Invitar" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Crear la invitación" }).ClickAsync();
        await Expect(page.Locator("#invite-name")).ToHaveAccessibleDescriptionAsync(new Regex("Escriba el nombre"));
        await Expect(page.Locator("#invite-email")).ToHaveAccessibleDescriptionAsync("Escriba el correo.");
        await Expect(dialog.GetByText("Elija al menos un rol.")).ToBeVisibleAsync();
        await AssertAccessibleAsync(page);
        await page.Locator("#invite-name").FillAsync("Audrey Auditora");
        await page.Locator("#invite-email").FillAsync(email);
        await dialog.GetByRole(AriaRole.Checkbox, new() { Name = "Auditor" }).CheckAsync();
        await page.Locator("#access-limited").CheckAsync();
        await page.Locator("#choose-tenants").PressSequentiallyAsync("auditado");
        await Expect(page.Locator(".chooser-hits li")).ToHaveCountAsync(1);
        await page.Locator("#choose-tenants").PressAsync("Enter");
        await Expect(page.Locator(".chips li")).ToHaveCountAsync(1);
        await page.Locator("#access-ends").FillAsync("31/12/2099");
        await page.Locator("#sign-password").FillAsync("no-es-la-suya");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Crear la invitación" }).ClickAsync();
        await Expect(page.Locator("#sign-password")).ToHaveAccessibleDescriptionAsync(new Regex("contraseña"));
        await Expect(dialog.GetByText($"Audrey Auditora · {email} · Auditor · solo 1 cliente · hasta el 31/12/2099"))
            .ToBeVisibleAsync();
        await page.Locator("#sign-password").FillAsync(PortalHost.AdministratorPassword);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Crear la invitación" }).ClickAsync();
        var message = await page.Locator("#link-message").InputValueAsync();
        await AssertAccessibleAsync(page);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Cerrar" }).ClickAsync();
        var row = page.GetByRole(AriaRole.Row).Filter(new() { HasText = email });
        await Expect(row).ToContainTextAsync("Invitado");
        await Expect(row).ToContainTextAsync("solo 1 cliente");
        await Expect(row).ToContainTextAsync("hasta el 31/12/2099");

        var theirs = await AcceptAsync(Regex.Match(message, "http://\\S+").Value);
        await SignInAsync(theirs, email, NewPassword);
        await theirs.GotoAsync(PortalUrls.Tenants);
        await Expect(theirs.GetByRole(AriaRole.Row).Filter(new() { HasText = "auditado" })).ToHaveCountAsync(1);
        Assert.DoesNotContain(rival, await theirs.ContentAsync(), StringComparison.Ordinal);
        await Expect(row).ToContainTextAsync("Activo");
    }

    [Fact]
    public async Task Invite_SecondAdministrator_IsAnnouncedToAllAndCanBeCancelled()
    {
        var email = $"{PortalTenants.NewName("zoe")}@vigia.example";
        var (_, support) = await host.MemberAsync("Mira Banda", PortalTeam.Access(StaffRoles.Support));
        var theirs = await NewPageAsync();
        await SignInAsync(theirs, support, PortalHost.AdministratorPassword);
        var page = await SignedInAsync(PortalUrls.Team);
        await page.GetByRole(AriaRole.Button, new() { Name = "Invitar" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await page.Locator("#invite-name").FillAsync("Zoe Segunda");
        await page.Locator("#invite-email").FillAsync(email);
        await dialog.GetByRole(AriaRole.Checkbox, new() { Name = "Administrador" }).CheckAsync();
        await Expect(dialog.GetByText("tendrá efecto en 24 horas")).ToBeVisibleAsync();
        await page.Locator("#sign-password").FillAsync(PortalHost.AdministratorPassword);
        await AssertAccessibleAsync(page);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Firmar y pedir" }).ClickAsync();
        await Expect(dialog.GetByText("si nadie lo cancela")).ToBeVisibleAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Cerrar" }).ClickAsync();

        var seen = theirs.Locator(".band").Filter(new() { HasText = email });
        await Expect(seen).ToContainTextAsync(
            new Regex("pidió que Zoe Segunda \\(.*\\) sea administrador: tendrá efecto el"));
        await Expect(seen.GetByRole(AriaRole.Button)).ToHaveCountAsync(0);
        await theirs.GotoAsync(PortalUrls.Operations);
        await Expect(seen).ToBeVisibleAsync();
        await page.GotoAsync(PortalUrls.Approvals);
        await Expect(page.GetByRole(AriaRole.Article).Filter(new() { HasText = email }))
            .ToContainTextAsync("Sin que nadie lo apruebe, tiene efecto");
        await AssertAccessibleAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "que Zoe Segunda sea administrador" })
            .ClickAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Cancelar la solicitud" }).ClickAsync();
        await Expect(seen).ToHaveCountAsync(0);
        await Expect(page.GetByRole(AriaRole.Table, new() { Name = "Decididas hace poco" }).GetByRole(AriaRole.Row)
            .Filter(new() { HasText = email })).ToContainTextAsync("Retirada");
    }

    [Fact]
    public async Task Link_UsedOrUnknown_ShowsTheSameMessage()
    {
        var link = await host.InvitedAsync("Usada", PortalTeam.Access(StaffRoles.Support));
        var address = $"{PortalUrls.Invitation}?token={link.Token}";
        var page = await NewPageAsync();
        await page.GotoAsync(address);
        await page.Locator("#password").FillAsync("corta");
        await page.Locator("#password-again").FillAsync("corta");
        await page.Locator("button.primary").ClickAsync();
        await Expect(page.Locator("#password"))
            .ToHaveAccessibleDescriptionAsync(new Regex("Esa contraseña es fácil de adivinar"));
        await AcceptAsync(address);

        var texts = new List<string>();
        foreach (var token in new[] { link.Token, "nunca-existio", "" })
        {
            await page.GotoAsync($"{PortalUrls.Invitation}?token={token}");
            await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Este enlace ya no sirve" }))
                .ToBeVisibleAsync();
            texts.Add(await page.Locator(".account-card").InnerTextAsync());
        }

        Assert.Single(texts.Distinct());
    }

    [Fact]
    public async Task Disable_ShowsWhatEnds_AndEnablingAsksForRoles()
    {
        var (id, email) = await host.MemberAsync("Dalia Despedida", PortalTeam.Access(StaffRoles.Operator));
        await host.AddHoldingsAsync(id);
        var page = await SignedInAsync($"{PortalUrls.TeamMember(id)}?seccion=peligro");
        await page.GetByRole(AriaRole.Button, new() { Name = "Inhabilitar" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog.GetByRole(AriaRole.Button, new() { Name = "Cancelar" })).ToBeFocusedAsync();
        await Expect(dialog.GetByRole(AriaRole.Listitem)).ToHaveTextAsync((Regex[])
        [
            new("^1 sesión abierta: se cierra antes de un minuto"),
            new("^Tokens de la API: Informe mensual \\(vgt_4f2a…\\)\\. Se revocan"),
            new("^No pidió nada que espere aprobación"), new("^No tiene operaciones sin terminar"),
        ]);
        await AssertAccessibleAsync(page);
        var disable = dialog.GetByRole(AriaRole.Button, new() { Name = "Inhabilitar" });
        await Expect(disable).ToBeDisabledAsync();
        await Expect(disable).ToHaveAccessibleDescriptionAsync("Faltan: Motivo · Su contraseña");
        await page.Locator("#confirm-text").FillAsync("Dejó la empresa");
        await page.Locator("#sign-password").FillAsync(PortalHost.AdministratorPassword);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Inhabilitar" }).ClickAsync();
        await Expect(page.Locator(".page-header .state-chip")).ToHaveTextAsync("Inhabilitado");
        var theirs = await NewPageAsync();
        await SignInAsync(theirs, email, PortalHost.AdministratorPassword, accepted: false);

        await page.GetByRole(AriaRole.Button, new() { Name = "Habilitar" }).ClickAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Habilitar" }).ClickAsync();
        await Expect(dialog.GetByText("Elija al menos un rol.")).ToBeVisibleAsync();
        await dialog.GetByRole(AriaRole.Checkbox, new() { Name = "Soporte" }).CheckAsync();
        await page.Locator("#sign-password").FillAsync(PortalHost.AdministratorPassword);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Habilitar" }).ClickAsync();
        await Expect(page.Locator(".page-header .state-chip")).ToHaveTextAsync("Activo");
        await SignInAsync(theirs, email, PortalHost.AdministratorPassword);
        await page.GotoAsync($"{PortalUrls.TeamMember(id)}?seccion=historial");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Roles a lo largo del tiempo" })
            .GetByRole(AriaRole.Row)).ToHaveCountAsync(3);
    }

    [Fact]
    public async Task SessionsAndTokens_EndedByAnAdministrator_StopWorking()
    {
        var (id, _) = await host.MemberAsync("Rosa Sesiones", PortalTeam.Access(StaffRoles.Operator));
        await host.AddHoldingsAsync(id);
        await host.AddHoldingsAsync(id);
        var page = await SignedInAsync($"{PortalUrls.TeamMember(id)}?seccion=sesiones");
        var sessions = page.GetByRole(AriaRole.Region, new() { Name = "Sesiones" }).GetByRole(AriaRole.Row);
        await Expect(sessions).ToHaveCountAsync(3);
        await Expect(sessions.Nth(1)).ToContainTextAsync("Edge · Windows");
        await page.GetByRole(AriaRole.Button, new() { Name = "Cerrar la sesión de Edge" }).First.ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Cerrar la sesión" })
            .ClickAsync();
        await Expect(sessions).ToHaveCountAsync(2);
        await page.GetByRole(AriaRole.Button, new() { Name = "Revocar el token Informe mensual" }).First.ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Revocar el token" })
            .ClickAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Tokens de la API" }).GetByRole(AriaRole.Row))
            .ToHaveCountAsync(2);

        // One sign-in and one token are left.
        await page.GetByRole(AriaRole.Button, new() { Name = "Cerrar todas" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Cerrar todas" }).ClickAsync();
        await Expect(page.GetByText("Sesiones cerradas: 1. Tokens revocados: 1.").First).ToBeVisibleAsync();
        await Expect(page.GetByText("No tiene ningún token que sirva.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Pages_ChangedBySomebodyElse_UpdateWithoutReload()
    {
        var (id, email) = await host.MemberAsync("Viva Cambiante", PortalTeam.Access(StaffRoles.Support));
        var list = await SignedInAsync(PortalUrls.Team);
        var detail = await SignedInAsync(PortalUrls.TeamMember(id));
        var row = list.GetByRole(AriaRole.Row).Filter(new() { HasText = email });
        await Expect(row).ToContainTextAsync("Soporte");

        await host.Changes()
            .ChangeAccessAsync(await host.AdministratorAsync(), id, PortalTeam.Access(StaffRoles.Operator),
            Cancellation);

        await Expect(row).ToContainTextAsync("Operador");
        await Expect(detail.Locator(".card h3")).ToHaveTextAsync(["Operador"]);

        // Under the mouse pointer, values change and rows stay in place.
        await row.HoverAsync();
        await host.Changes().RenameAsync(await host.AdministratorAsync(), id, "Viva Renombrada", Cancellation);
        await host.InvitedAsync("Nueva Persona", PortalTeam.Access(StaffRoles.Support));
        await Expect(row).ToContainTextAsync("Viva Renombrada");
        await Expect(list.Locator(".count-pill")).ToContainTextAsync("1 cambio");
        await Expect(list.GetByRole(AriaRole.Row).Filter(new() { HasText = "Nueva Persona" })).ToHaveCountAsync(0);
        await list.Locator(".count-pill").ClickAsync();
        await Expect(list.GetByRole(AriaRole.Row).Filter(new() { HasText = "Nueva Persona" })).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task Rename_IsSigned_AndThePageShowsTheMailOfTheLink()
    {
        var link = await host.InvitedAsync("Renata Equivocada", PortalTeam.Access(StaffRoles.Support));
        await host.InMasterAsync(async db =>
        {
            db.Set<OutboxMessage>().Add(new OutboxMessage
            {
                Kind = Outbox.StaffLink, StaffId = link.StaffId, Recipient = link.Email, Subject = "Acceso",
                CreatedAt = DateTimeOffset.UtcNow,
                State = OutboxState.Failed, Error = new Message("mail_refused", "550 no such user"),
                ExpiresAt = link.ExpiresAt,
            });
            await db.SaveChangesAsync(Cancellation);
        });
        var page = await SignedInAsync(PortalUrls.TeamMember(link.StaffId));
        await Expect(page.Locator(".notice-text"))
            .ToContainTextAsync(
            new Regex("Todavía no eligió.*Correo no enviado.*550 no such user", RegexOptions.Singleline));
        await page.GetByRole(AriaRole.Button, new() { Name = "Cambiar nombre" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        foreach (var (name, password, error) in new[]
        {
            ("OLGA HUAMAN RIOS", PortalHost.AdministratorPassword, "tiene o tuvo ese nombre"),
            ("Renata Rectificada", "no-es", "contraseña"),
        })
        {
            await page.Locator("#rename-name").FillAsync(name);
            await page.Locator("#sign-password").FillAsync(password);
            await page.Locator("#sign-password").PressAsync("Enter");
            await Expect(dialog.Locator(".field-error")).ToContainTextAsync(error);
        }

        await page.Locator("#sign-password").FillAsync(PortalHost.AdministratorPassword);
        await page.Locator("#sign-password").PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Renata Rectificada", Level = 1 }))
            .ToBeVisibleAsync();
    }

    [Fact]
    public async Task OwnAccount_OnTheTeamPage_OffersNoDangerousAction()
    {
        var page = await SignedInAsync($"{PortalUrls.TeamMember(host.AnaId)}?seccion=peligro");
        await Expect(page.GetByText("Esta es su propia cuenta")).ToBeVisibleAsync();
        await Expect(page.Locator(".page-actions").GetByRole(AriaRole.Button)).ToHaveCountAsync(0);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Inhabilitar" })).ToBeDisabledAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Inhabilitar" }))
            .ToHaveAccessibleDescriptionAsync(new Regex("otro administrador"));
    }

    [Fact]
    public async Task RightsOnADate_TableAndFile_ContainNoFormula()
    {
        var (id, email) = await host.MemberAsync("=1+2 Fórmula", PortalTeam.Access(StaffRoles.Support));
        await host.InMasterAsync(db =>
        {
            db.Add(new RoleGrant
            {
                StaffId = id, Role = StaffRoles.Operator,
                From = new DateTimeOffset(2021, 1, 1, 5, 0, 0, TimeSpan.Zero),
                Until = new DateTimeOffset(2022, 1, 1, 5, 0, 0, TimeSpan.Zero)
            });
            db.Add(new RoleRight
            {
                Role = StaffRoles.Operator, Right = "tenants.zap",
                From = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero),
                Until = new DateTimeOffset(2023, 1, 1, 0, 0, 0, TimeSpan.Zero)
            });
            return Task.CompletedTask;
        });
        var page = await SignedInAsync(PortalUrls.TeamRights(null));
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = email }))
            .ToContainTextAsync("Suspender y reactivar");
        await page.Locator("#rights-at").FillAsync("31/12/2021");
        await page.Locator("#rights-time").FillAsync("25:00");
        await page.GetByRole(AriaRole.Button, new() { Name = "Mostrar" }).ClickAsync();
        await Expect(page.Locator("#rights-time"))
            .ToHaveAccessibleDescriptionAsync("Escriba una hora, por ejemplo 18:30.");
        await page.Locator("#rights-time").FillAsync("23:59");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = email })).ToContainTextAsync("tenants.zap");
        await Expect(page.GetByText("El 31/12/2021 23:59: 1 persona con permisos")).ToBeVisibleAsync();

        var download = await page.RunAndWaitForDownloadAsync(
            () => page.GetByRole(AriaRole.Link, new() { Name = "Descargar CSV" }).ClickAsync());
        using var reader = new StreamReader(await download.CreateReadStreamAsync());
        var lines = (await reader.ReadToEndAsync(Cancellation)).TrimEnd().Split('\n').Select(line => line.TrimEnd('\r'))
            .ToList();

        Assert.Equal(["full_name,email,role,right,right_in_words",
            $"\"'=1+2 Fórmula\",{email},Operator,tenants.zap,tenants.zap"], lines);
        var audited = await host.Services.GetRequiredService<AuditReader>().ListAsync(
            await host.AdministratorAsync(), new AuditFilter { Action = "staff.rights_exported" }, 1, 1, Cancellation);
        Assert.Contains("2022-01-01T04:59", audited.Items.Single().After, StringComparison.Ordinal);
    }

    private async Task<IPage> AcceptAsync(string address)
    {
        var page = await NewPageAsync();
        await page.GotoAsync(address);
        await page.Locator("#password").FillAsync(NewPassword);
        await page.Locator("#password-again").FillAsync(NewPassword);
        await page.Locator("button.primary").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Contraseña guardada" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Ir a la entrada" }).ClickAsync();
        return page;
    }

    private static async Task SignInAsync(IPage page, string email, string password, bool accepted = true)
    {
        await page.GotoAsync(PortalUrls.SignIn);
        await page.Locator("#email").FillAsync(email);
        await page.Locator("#password").FillAsync(password);
        await page.Locator("button.primary").ClickAsync();
        if (accepted)
        {
            await DrawnAsync(page);
        }
        else
        {
            await Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        }
    }
}
