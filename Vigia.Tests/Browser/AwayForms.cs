using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.ServiceAccounts;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.Lifecycle.Adoption;

namespace Vigia.Tests.Browser;

/// <summary>A form that a test opens and fills in.</summary>
/// <param name="Address">The address of its page.</param>
/// <param name="Opener">The button that opens it; null for a form of the page itself.</param>
/// <param name="Field">The field whose text has to stay.</param>
/// <param name="Typed">Its text.</param>
internal sealed record AwayForm(string Address, string? Opener, string Field, string Typed)
{
    /// <summary>The other fields, with their texts.</summary>
    public IReadOnlyList<(string Field, string Text)> Others { get; init; } = [];

    /// <summary>Boxes to tick.</summary>
    public IReadOnlyList<string> Boxes { get; init; } = [];

    /// <summary>The steps of a person before the field is there.</summary>
    public Func<IPage, Task> Before { get; init; } = _ => Task.CompletedTask;

    public async Task OpenAsync(IPage page)
    {
        if (Opener is not null)
        {
            await page.GetByRole(AriaRole.Button, new() { NameRegex = new($"^{Opener}") }).First.ClickAsync();
        }

        await Before(page);
        foreach (var (field, text) in Others)
        {
            await page.Locator(field).FillAsync(text);
        }

        foreach (var box in Boxes)
        {
            await page.Locator(box).CheckAsync();
        }
    }

    /// <summary>
    /// The button that sends the form. That of a dialog is outside of it, and the last of its actions.
    /// </summary>
    public ILocator Submit(IPage page) => page.Locator(
        $".mud-dialog:has({Field}) .mud-dialog-actions button, main form:has({Field}) button[type=submit]").Last;
}

/// <summary>The forms of the portal, by place.</summary>
internal sealed class AwayForms(LateAnswerHost host) : IAsyncDisposable
{
    private ProductDatabase? _database;

    private const string Password = PortalHost.AdministratorPassword;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public Task<IReadOnlyList<AwayForm>> OfAsync(string group) => group switch
    {
        "cliente" => TenantAsync(),
        "fin" => EndingsAsync(),
        "papelera" => TrashAsync(),
        "equipo" => TeamAsync(),
        "cuenta" => Task.FromResult(Account()),
        _ => AdoptionAsync(),
    };

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;

    private string Section(string? section, int tenant = 1) => section is null
        ? $"{PortalUrls.Tenants}/{host.Tenants[tenant].Id}"
        : $"{PortalUrls.Tenants}/{host.Tenants[tenant].Id}?seccion={section}";

    private async Task<IReadOnlyList<AwayForm>> TenantAsync()
    {
        var demo = 0;
        await host.InMasterAsync(async db => demo = await db.Set<Tenant>()
            .Where(t => t.Environment == TenantEnvironments.Demo).Select(t => t.Id).FirstAsync(Cancellation));
        return
        [
            new(Section(null), "Editar", "#contacto_nombre", "Contacto tecleado"),
            new(Section("configuracion"), null, "#config", "{\"idioma\": \"es\"}"),
            new(PortalUrls.NewTenant, null, "#contacto_nombre", "Contacto nuevo")
            {
                Others =
                [
                    ("#ruc", Rucs.Next(7_800_002)), ("#razon_social", "Sin Base S.A.C."),
                    ("#subdominio", PortalTenants.NewName("sin-base")), ("#correo_acceso", "a@sinbase.pe"),
                ],
            },
            new(Section("peligro"), "Corregir RUC", "#ruc-reason", "Se tecleó mal")
            {
                Others = [("#right-ruc", Rucs.Next(7_800_001))],
            },
            new(Section("peligro"), "Cambiar subdominio", "#rename-reason", "Otro nombre")
            {
                Others = [("#new-subdomain", PortalTenants.NewName("nuevo"))],
            },
            new($"{PortalUrls.Tenant(demo)}?seccion=peligro", "Convertir a producción", "#convert-end", Day(300))
            {
                Boxes = ["#convert-understood"],
            },
        ];
    }

    private Task<IReadOnlyList<AwayForm>> EndingsAsync() => Task.FromResult<IReadOnlyList<AwayForm>>(
    [
        new(Section(null), "Suspender", "#confirm-text", "No pagó dos cuotas")
        {
            Before = page => page.Locator("#confirm-reason").SelectOptionAsync("otro"),
        },
        new(Section("peligro"), "Dar de baja", "#confirm-text", "Fin de contrato")
        {
            Before = page => page.Locator("#confirm-reason").SelectOptionAsync("otro"),
        },
        new(Section("peligro"), "Mover a la papelera", "#delete-reason", "Ya no es cliente")
        {
            Others = [("#delete-confirm", host.Tenants[1].Name), ("#delete-password", Password)],
        },
    ]);

    private async Task<IReadOnlyList<AwayForm>> TrashAsync()
    {
        var name = PortalTenants.NewName("botado");
        await host.TrashedTenantAsync(name, TenantEnvironments.Demo);
        return
        [
            new(PortalUrls.Trash, $"Restaurar .*{name}", "#restore-subdomain", $"{name}-2"),
            new(PortalUrls.Trash, $"Destruir .*{name}", "#purge-reason", "Nunca se usó")
            {
                Others = [("#purge-confirm", name), ("#purge-password", Password)],
            },
        ];
    }

    private async Task<IReadOnlyList<AwayForm>> TeamAsync()
    {
        var name = PortalTenants.NewName("programa");
        await host.AddStaffAsync("Zoe Operadora", StaffRoles.Operator);
        await MakeAccountAsync(name);
        return
        [
            new(PortalUrls.Team, "Invitar", "#invite-name", "Julia Paz")
            {
                Others = [("#invite-email", "julia.paz@vigia.example"), ("#sign-password", Password)],
                Before = page => page.GetByRole(AriaRole.Checkbox, new() { NameRegex = new Regex("^Soporte") })
                    .CheckAsync(),
            },
            new(PortalUrls.ServiceAccounts, "Crear cuenta de servicio", "#service-purpose", "Atiende a los usuarios")
            {
                Others =
                [
                    ("#service-name", PortalTenants.NewName("otro")), ("#service-networks", "127.0.0.0/8"),
                    ("#sign-password", Password),
                ],
                Before = async page =>
                {
                    await page.Locator("#service-owner-1").SelectOptionAsync(new SelectOptionValue { Index = 1 });
                    await page.Locator("#service-owner-2").SelectOptionAsync(new SelectOptionValue { Index = 2 });
                },
                Boxes = ["[id='service-right-tenants.view']"],
            },
            new(PortalUrls.ServiceAccounts, $"Cambiar {name}", "#service-purpose", "Otro fin")
            {
                Others = [("#sign-password", Password)],
            },
            new(PortalUrls.ServiceAccounts, $"Token nuevo de {name}", "#service-token-ends", Day(20))
            {
                Others = [("#sign-password", Password)],
            },
        ];
    }

    private static IReadOnlyList<AwayForm> Account() =>
    [
        new(PortalUrls.MyAccount, null, "#new-password", "Otra-clave-larga-2026")
        {
            Others = [("#old-password", Password), ("#password-again", "Otra-clave-larga-2026")],
        },
        new(PortalUrls.MyTokens, "Crear un token", "#token-name", "Para el informe")
        {
            Others = [("#token-password", Password)],
            Before = page => page.Locator(".mud-dialog input[type=checkbox]").First.CheckAsync(),
        },
        new(PortalUrls.Diagnosis, null, "#diagnose-host", "https://acme.vigia.example"),
    ];

    private async Task<IReadOnlyList<AwayForm>> AdoptionAsync()
    {
        var database = _database = await ProductDatabase.CreateAsync(host.Postgres, ProductDatabase.Tables);
        await database.AsSuperuserAsync($"GRANT {database.Owner} TO {PostgresServer.PortalRole}");
        var (id, name) = (0, PortalTenants.NewName("producto"));
        await host.InMasterAsync(async db => id = (await db.Database.SqlQuery<int>($"""
            INSERT INTO clientes_saas (ruc, razon_social, subdominio, correo_acceso, db_name)
            VALUES ({Rucs.Next(82_399)}, {name}, {name}, 'a@b.pe', {database.Name}) RETURNING id
            """).ToListAsync(Cancellation))[0]);
        return
        [
            new(PortalUrls.Tenant(id), "Incorporar", "#adopt-backup", "Copia del 1/12")
            {
                Others = [("#adopt-password", Password)], Boxes = ["#adopt-owner"],
            },
            new(PortalUrls.AdoptTenant, "Incorporar todas", "#all-backup", "Copia del 1/12")
            {
                Others = [("#all-password", Password)], Boxes = ["#all-owner"],
            },
            new(PortalUrls.AdoptTenant, null, "#db_name", "otra_base"),
        ];
    }

    private static string Day(int days) =>
        DateTime.UtcNow.AddDays(days).ToString("dd/MM/yyyy", System.Globalization.CultureInfo.InvariantCulture);

    private async Task MakeAccountAsync(string name)
    {
        List<Guid> owners = [];
        await host.InMasterAsync(async db => owners = await db.Users
            .Where(s => s.PasswordHash != null).Select(s => s.Id).Take(2).ToListAsync(Cancellation));
        await using var scope = host.Scope();
        await scope.ServiceProvider.GetRequiredService<ServiceAccountService>().CreateAsync(
            await host.AdministratorAsync(), new ServiceAccountContent(
                name, "Prueba", owners, [Rights.TenantsView], ["127.0.0.0/8"], null,
                DateOnly.FromDateTime(DateTime.UtcNow.AddDays(30))), null, Password, Cancellation);
    }

}
