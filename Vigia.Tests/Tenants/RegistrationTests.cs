using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenants;

public sealed class RegistrationTests(PostgresServer server) : CoreTestBase(server)
{
    protected override bool Workers => false;

    public static TheoryData<string, string, string> Wrong => new()
    {
        { "ruc", "20131312956", "ruc_check_digit" }, { "ruc", "2013131295A", "ruc_digits_only" },
        { "ruc", "2013131295", "ruc_length" }, { "ruc", "201313129551", "ruc_length" },
        { "ruc", "", "ruc_required" }, { "ruc", "30131312955", "ruc_prefix" },
        { "ruc", "２０１３１３１２９５５", "ruc_digits_only" },
        { "subdominio", "Acme", "subdominio_form" }, { "subdominio", "acme_pharma", "subdominio_form" },
        { "subdominio", "-acme", "subdominio_form" }, { "subdominio", "acme-", "subdominio_form" },
        { "subdominio", "ac--me", "subdominio_double_hyphen" }, { "subdominio", "www", "subdominio_reserved" },
        { "subdominio", new string('a', 58), "subdominio_too_long" },
        { "subdominio", "'; drop database", "subdominio_form" }, { "subdominio", "💊", "subdominio_form" },
        { "subdominio", "ñandu", "subdominio_form" }, { "subdominio", "a\0b", "subdominio_form" },
        { "correo_acceso", "nadie", "correo_form" }, { "correo_acceso", "a@b", "correo_form" },
        { "correo_acceso", "a..b@x.pe", "correo_form" },
        { "correo_acceso", new string('a', 65) + "@x.pe", "correo_form" },
        { "correo_acceso", "a b@c.pe", "correo_form" }, { "correo_acceso", "", "correo_required" },
        { "correo_acceso", "a\0@c.pe", "text_forbidden_character" },
        { "razon_social", " ", "razon_social_required" }, { "razon_social", "A\0B", "text_forbidden_character" },
        { "razon_social", "A\ud800B", "text_lone_surrogate" },
        { "razon_social", "A\u202eB", "text_forbidden_character" },
        { "razon_social", "A\u200bB", "text_forbidden_character" },
        { "razon_social", new string('x', 256), "text_too_long" },
        { "contacto_nombre", "A\u2066B", "text_forbidden_character" },
        { "contacto_nombre", "A\udc00B", "text_lone_surrogate" },
        { "max_usuarios", "-1", "limit_negative" }, { "max_usuarios", "1000000000000", "limit_too_large" },
        { "max_comprobantes", "-5", "limit_negative" }, { "max_establecimientos", "2147483648", "limit_too_large" },
        { "config", "[]", "config_not_object" }, { "config", "{", "config_no_json" },
        { "config", "\"x\"", "config_not_object" }, { "config", "{\"a\":\"\\u0000\"}", "config_forbidden_character" },
        { "config", "{\"a\":\"\\ud800\"}", "config_forbidden_character" },
        { "config", "{\"a\":\"" + new string('x', 262_144) + "\"}", "config_too_large" },
        { "config", string.Concat(Enumerable.Repeat("{\"a\":", 40)) + "1" + new string('}', 40), "config_too_deep" },
        { "plan", "oro", "plan_unknown" }, { "plan", "", "plan_required" }, { "entorno", "prod", "entorno_unknown" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Register_WrongField_SaysWhichAndWritesNothing(string field, string value, string code)
    {
        var request = With(Request(NewName("mal")), field, value);

        await AssertInvalidAsync(
            field, code, () => Host.Get<TenantRegistration>().RegisterAsync(Host.Admin, request, Cancellation));

        Assert.Equal(0L, await Host.ScalarAsync<long>(
            Host.Master.Database, "SELECT count(*) FROM public.clientes_saas"));
    }

    [Theory]
    [InlineData("MERCK SHARP & DOHME")]
    [InlineData("3M")]
    [InlineData("D'OLIVEIRA")]
    [InlineData("Ñandú 株式会社 💊")]
    public async Task Register_AnyPrintableName_IsKept(string name)
    {
        var id = await RegisterAsync(NewName("bien"), details: d => d with { LegalName = $"  {name} " });

        Assert.Equal(name, (await RowAsync(id)).LegalName);
    }

    [Fact]
    public async Task Register_PastedRuc_SpacesAndHyphensAreDropped()
    {
        var ruc = NewRuc();
        var id = await RegisterAsync(NewName("pega"), r => r with { Ruc = $" {ruc[..2]}-{ruc[2..]} " });

        Assert.Equal(ruc, (await RowAsync(id)).Ruc);
    }

    [Fact]
    public async Task Register_WithDatabase_RowOperationAndAuditAreOneTransaction()
    {
        var name = NewName("uno");
        var registered = await Host.Get<TenantRegistration>()
            .RegisterAsync(Host.Admin, Request(name, r => r with { Provision = true }), Cancellation);

        var row = await RowAsync(registered.TenantId);
        Assert.Equal(TenantState.Provisioning, row.State);
        Assert.False(row.IsActive);
        Assert.Equal($"vigia_{name}", row.DatabaseName);
        Assert.Equal(1, await RecordsAsync(registered.TenantId, "tenant.created"));
    }

    [Fact]
    public async Task Register_AuditRecordCantBeWritten_WritesNothing()
    {
        await PostgresServer.ExecuteAsync(
            Server.SuperuserUrl(Host.Master.Database),
            """
            CREATE FUNCTION no_more() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no more'; END $$;
            CREATE TRIGGER no_more BEFORE INSERT ON portal.audit_events FOR EACH ROW EXECUTE FUNCTION no_more();
            """, Cancellation);

        await Assert.ThrowsAnyAsync<Exception>(() => RegisterAsync(NewName("nada"), r => r with { Provision = true }));

        Assert.Equal(0L, await Host.ScalarAsync<long>(
            Host.Master.Database,
            "SELECT (SELECT count(*) FROM clientes_saas) + (SELECT count(*) FROM portal.operations)"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Register_SameNameAtOnce_OneIsRefused(bool sameRuc)
    {
        var (name, ruc) = (NewName("carrera"), NewRuc());
        var requests = Enumerable.Range(0, 8)
            .Select(i => Request(sameRuc ? NewName("carrera") : name, r => sameRuc ? r with { Ruc = ruc } : r))
            .ToList();

        var results = await Task.WhenAll(requests.Select(async r =>
        {
            try
            {
                await Host.Get<TenantRegistration>().RegisterAsync(Host.Admin, r, Cancellation);
                return "won";
            }
            catch (RuleException refused)
            {
                return refused.Reason.Code;
            }
        }));

        Assert.Equal(1, results.Count(r => r == "won"));
        Assert.Equal(7, results.Count(r => r == (sameRuc ? "ruc_taken" : "subdominio_taken")));
    }

    [Fact]
    public async Task Register_DatabaseOfThatNameExists_IsRefusedBeforeWriting()
    {
        var name = NewName("ocupado");
        await Server.CreateDatabaseAsync($"vigia_{name}", null, Cancellation);

        await AssertRefusedAsync(
            "db_name_taken", () =>
            Host.Get<TenantRegistration>().RegisterAsync(Host.Admin, Request(name), Cancellation));
        await Server.DropDatabaseAsync($"vigia_{name}", Cancellation);

        Assert.True(await RegisterAsync(name) > 0);
    }

    [Fact]
    public async Task Register_Demo_ExpiresAtTheEndOfADayInLima()
    {
        var row = await RowAsync(await RegisterAsync(NewName("demo"), details: d => d with { Environment = "demo" }));

        var lima = row.ExpiresAt!.Value.ToOffset(TimeSpan.FromHours(-5));
        Assert.Equal((23, 59, 59), (lima.Hour, lima.Minute, lima.Second));
        Assert.InRange((lima - DateTimeOffset.UtcNow).TotalDays, 29, 31);
    }

    private static RegisterTenant With(RegisterTenant request, string field, string value)
    {
        var details = request.Details;
        long Number() => long.Parse(value, System.Globalization.CultureInfo.InvariantCulture);
        return field switch
        {
            "ruc" => request with { Ruc = value },
            "subdominio" => request with { Subdomain = value },
            "correo_acceso" => request with { Details = details with { AccessEmail = value } },
            "razon_social" => request with { Details = details with { LegalName = value } },
            "contacto_nombre" => request with { Details = details with { ContactName = value } },
            "plan" => request with { Details = details with { Plan = value } },
            "entorno" => request with { Details = details with { Environment = value } },
            "config" => request with { Details = details with { Config = value } },
            "max_usuarios" => request with { Details = details with { MaxUsers = Number() } },
            "max_comprobantes" => request with { Details = details with { MaxDocuments = Number() } },
            _ => request with { Details = details with { MaxEstablishments = Number() } },
        };
    }
}
