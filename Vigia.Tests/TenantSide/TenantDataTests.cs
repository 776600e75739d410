
namespace Vigia.Tests.TenantSide;

/// <summary>Users, establishments and documents of a tenant, and its limits.</summary>
public sealed class TenantDataTests(TenantSideHost host) : IClassFixture<TenantSideHost>
{
    private static object User(string login, params string[] roles) => new
    {
        email = $"{login}@cliente.pe", username = login, password = "otra frase", roles = roles is [] ? ["qf"] : roles,
    };

    [Fact]
    public async Task Users_UntilTheLimit_AreAddedAndCanSignIn()
    {
        var tenant = await host.TenantAsync("usuarios");
        using var admin = await tenant.SignedInAsync("rosa");
        await tenant.WriteAsync("UPDATE tenant_limits SET max_usuarios = 3");

        var made = (await admin.PostAsync("users", User("luis", "qf", "legal"))).Expect(201);
        Assert.Equal(["id", "username", "email", "is_active", "roles", "empleado_id", "created_at"],
            made.EnumerateObject().Select(p => p.Name));
        using var nobody = host.Nobody(tenant.Name);
        (await nobody.LoginAsync("LUIS", "otra frase")).Expect(200);

        var full = (await admin.PostAsync("users", User("marta"))).ExpectProblem(409, "limit_reached");
        Assert.Contains("3 de 3", full.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains("VIGIA", full.GetProperty("advice").GetString(), StringComparison.Ordinal);
        var list = (await admin.GetAsync("users?page_size=2")).Expect(200);
        Assert.Equal((3, 2), (list.GetProperty("total").GetInt32(), list.GetProperty("items").GetArrayLength()));
        Assert.DoesNotContain("$2", list.GetRawText(), StringComparison.Ordinal);
        var self = (await admin.GetAsync("tenant")).Expect(200);
        Assert.Equal((3, 3), (self.GetProperty("limits").GetProperty("max_usuarios").GetInt32(),
            self.GetProperty("usage").GetProperty("usuarios").GetInt32()));
    }

    // An internationalised domain has two forms, which are one address.
    [Fact]
    public async Task User_AddressInTheOtherFormOfItsDomain_IsTakenAndSignsIn()
    {
        var tenant = await host.TenantAsync("nandu");
        using var admin = await tenant.SignedInAsync("rosa");
        object Named(string email) => new { email, password = "otra frase", roles = new[] { "qf" } };

        var made = (await admin.PostAsync("users", Named("ana@xn--and-6ma2c.pe"))).Expect(201);
        Assert.Equal("ana@ñandú.pe", made.GetProperty("email").GetString());
        (await admin.PostAsync("users", Named("Ana@ñandú.pe"))).ExpectProblem(409, "user_email_taken");
        (await admin.PostAsync("users", Named("ana@xn--and-6ma2c.pe"))).ExpectProblem(409, "user_email_taken");
        await tenant.WriteAsync("UPDATE users SET email = 'ana@xn--and-6ma2c.pe' WHERE email LIKE 'ana@%'");

        (await admin.PostAsync("users", Named("ana@ñandú.pe"))).ExpectProblem(409, "user_email_taken");
        using var nobody = host.Nobody(tenant.Name);
        (await nobody.LoginAsync("ana@ñandú.pe", "otra frase")).Expect(200);
        (await nobody.LoginAsync("ANA@XN--AND-6MA2C.PE", "otra frase")).Expect(200);
    }

    [Fact]
    public async Task User_Added_IsInTheTenantsOwnAuditLogUnderTheCallersName()
    {
        var tenant = await host.TenantAsync("registro");
        using var admin = await tenant.SignedInAsync("rosa");
        var me = (await admin.GetAsync("auth/me")).Expect(200);

        var made = (await admin.PostAsync("users", User("luis"))).Expect(201);

        await using var session = await Infrastructure.PostgresServer.OpenAsync(
            host.Postgres.SuperuserUrl($"vigia_{tenant.Name}"), TestContext.Current.CancellationToken);
        await using var command = new Npgsql.NpgsqlCommand($"""
            SELECT user_id || '|' || actor || '|' || (trace_id ~ '^[0-9a-f]+$') || '|' || (after ->> 'hashed_password')
            FROM audit_log WHERE entity = 'users' AND action = 'INSERT' AND entity_id = '{made.GetProperty("id")}'
            """, session);
        Assert.Equal($"{me.GetProperty("id")}|rosa@{tenant.Name}.pe|true|***",
            await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task User_WrongFieldsOrTakenNames_AreNamed()
    {
        var tenant = await host.TenantAsync("campos");
        using var admin = await tenant.SignedInAsync("rosa");
        await admin.PostAsync("users", User("luis"));

        var wrong = (await admin.PostAsync("users", new
        {
            email = "no es correo", username = "a@b.pe", password = "corta", roles = new[] { "jefe" }, empleado_id = 77,
        })).ExpectProblem(422, "invalid_input");
        Assert.Equal(["email", "empleado_id", "password", "roles", "username"],
            wrong.GetProperty("errors").EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        var missing = (await admin.PostAsync("users", new { })).ExpectProblem(422, "invalid_input");
        Assert.Equal(["email", "password", "roles"],
            missing.GetProperty("errors").EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        (await admin.PostAsync("users", new
        {
            email = "LUIS@cliente.pe", password = "otra frase", roles = new[] { "qf" },
        })).ExpectProblem(409, "user_email_taken");
        (await admin.PostAsync("users", new
        {
            email = "otro@cliente.pe", username = "Luis", password = "otra frase", roles = new[] { "qf" },
        })).ExpectProblem(409, "user_username_taken");
        (await admin.PostAsync("users", new { is_active = true })).ExpectProblem(422, "invalid_input");
        var unknown = (await admin.PostAsync("users", new
        {
            email = "nula@cliente.pe", password = "otra frase", roles = new[] { "qf", null },
        })).ExpectProblem(422, "invalid_input");
        Assert.Equal(["roles"], unknown.GetProperty("errors").EnumerateObject().Select(p => p.Name));
        foreach (var password in new[] { new string('x', 73), new string('ñ', 37), "abc\u202edef" })
        {
            (await admin.PostAsync("users", new
            {
                email = "larga@cliente.pe", password, roles = new[] { "qf" },
            })).ExpectProblem(422, "invalid_input");
        }
    }

    [Fact]
    public async Task Calls_WithoutThePermission_AreRefused()
    {
        var tenant = await host.TenantAsync("roles");
        using var support = await tenant.SignedInAsync("saul", "soporte");
        using var director = await tenant.SignedInAsync("dora", "direccion_tecnica");

        (await support.GetAsync("users")).Expect(200);
        (await support.PostAsync("users", User("luis"))).ExpectProblem(403, "forbidden");
        (await support.GetAsync("establecimientos")).ExpectProblem(403, "forbidden");
        (await director.GetAsync("establecimientos")).Expect(200);
        (await director.PostAsync("establecimientos", new { nombre = "Planta" })).ExpectProblem(403, "forbidden");
        (await director.GetAsync("comprobantes")).ExpectProblem(403, "forbidden");
        (await director.GetAsync("tenant")).Expect(200);
    }

    [Fact]
    public async Task User_WhoMayAddUsers_CannotGiveMoreThanTheyHave()
    {
        var tenant = await host.TenantAsync("escalada");
        using var support = await tenant.SignedInAsync("saul", "soporte", """{"usuarios": {"create": true}}""");

        (await support.PostAsync("users", User("jefe", "admin"))).ExpectProblem(403, "role_beyond_own");
        (await support.PostAsync("users", User("otro", "soporte"))).Expect(201);
    }

    [Fact]
    public async Task Establishments_UntilTheLimit_AreAdded()
    {
        var tenant = await host.TenantAsync("locales");
        using var admin = await tenant.SignedInAsync("rosa");
        await tenant.WriteAsync("UPDATE tenant_limits SET max_establecimientos = 1");

        var wrong = (await admin.PostAsync("establecimientos", new { tipo = "castillo", ubigeo = "12", correo = "x" }))
            .ExpectProblem(422, "invalid_input");
        Assert.Equal(["correo", "nombre", "tipo", "ubigeo"],
            wrong.GetProperty("errors").EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        var made = (await admin.PostAsync("establecimientos",
            new { codigo = "0001", nombre = "Planta Ñaña", tipo = "drogueria", ubigeo = "150103" })).Expect(201);
        Assert.Equal("drogueria", made.GetProperty("tipo").GetString());
        (await admin.PostAsync("establecimientos", new { nombre = "Otra" })).ExpectProblem(409, "limit_reached");
        (await admin.PostAsync("establecimientos", new { codigo = "0001", nombre = "Otra" }))
            .ExpectProblem(409, "establishment_code_taken");
        Assert.Equal(1, (await admin.GetAsync("establecimientos")).Expect(200).GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task Documents_UntilTheLimitOfTheMonth_AreIssued()
    {
        var tenant = await host.TenantAsync("emision");
        using var admin = await tenant.SignedInAsync("rosa");
        await tenant.WriteAsync("UPDATE tenant_limits SET max_comprobantes = 1, limitar_emision = true");

        var draft = (await admin.PostAsync("comprobantes", Document(1))).Expect(201);
        Assert.Equal(("borrador", "PEN"),
            (draft.GetProperty("estado").GetString(), draft.GetProperty("moneda").GetString()));
        var issued = (await admin.PostAsync("comprobantes", Document(2, "emitido"))).Expect(201);
        Assert.NotNull(issued.GetProperty("emitido_en").GetString());
        (await admin.PostAsync("comprobantes", Document(3, "emitido"))).ExpectProblem(409, "limit_reached");
        (await admin.PostAsync("comprobantes", Document(3))).Expect(201);
        (await admin.PostAsync("comprobantes", Document(2))).ExpectProblem(409, "voucher_number_taken");
        var wrong = (await admin.PostAsync("comprobantes", new
        {
            tipo = "vale", serie = "F0001", numero = 0, estado = "anulado", total = -1, moneda = "soles",
            establecimiento_id = 99,
        })).ExpectProblem(422, "invalid_input");
        Assert.Equal(["establecimiento_id", "estado", "fecha_emision", "moneda", "numero", "serie", "tipo", "total"],
            wrong.GetProperty("errors").EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        foreach (var (date, total, field, code) in new[]
        {
            ("1999-12-31", 1m, "fecha_emision", "voucher_year"), ("2101-01-01", 1m, "fecha_emision", "voucher_year"),
            ("2026-12-01", 1.005m, "total", "amount_decimals"),
        })
        {
            var refused = (await admin.PostAsync("comprobantes",
                new { tipo = "boleta", serie = "B001", numero = 9, fecha_emision = date, total }))
                .ExpectProblem(422, "invalid_input");
            Assert.Equal([code], refused.GetProperty("error_codes").GetProperty(field).EnumerateArray()
                .Select(c => c.GetString()));
        }

        var round = (await admin.PostAsync("comprobantes",
            new { tipo = "boleta", serie = "B001", numero = 9, fecha_emision = "2000-01-01", total = 1.500m }))
            .Expect(201);
        Assert.Equal(1.5m, round.GetProperty("total").GetDecimal());
        var self = (await admin.GetAsync("tenant")).Expect(200);
        Assert.Equal(1, self.GetProperty("usage").GetProperty("comprobantes").GetInt32());

        static object Document(int number, string? state = null) => new
        {
            tipo = "factura", serie = "F001", numero = number, fecha_emision = "2026-12-01", total = 118.5m,
            estado = state,
        };
    }
}
