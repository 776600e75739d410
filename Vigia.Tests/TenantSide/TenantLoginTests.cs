using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;
using Vigia.Core.TenantSide;
using Vigia.Tests.Api;
using Vigia.Tests.Browser;

namespace Vigia.Tests.TenantSide;

/// <summary>The sign-in of a tenant's users over HTTP, and what their tokens open.</summary>
public sealed class TenantLoginTests(TenantSideHost host) : IClassFixture<TenantSideHost>
{
    [Fact]
    public async Task Login_RightPassword_GivesTheTokenOfTheContract()
    {
        var tenant = await host.TenantAsync("entrada");
        var email = await tenant.AddUserAsync("rosa", "qf,admin");
        using var nobody = host.Nobody(tenant.Name);

        var answer = await nobody.LoginAsync(email, TenantSideHost.Password);

        var body = answer.Expect(200);
        Assert.Equal(["access_token", "token_type", "user"], body.EnumerateObject().Select(p => p.Name));
        Assert.Equal("bearer", body.GetProperty("token_type").GetString());
        var user = body.GetProperty("user");
        Assert.Equal(["id", "username", "email", "role", "roles"], user.EnumerateObject().Select(p => p.Name));
        Assert.Equal(("rosa", email, "admin"), (user.GetProperty("username").GetString(),
            user.GetProperty("email").GetString(), user.GetProperty("role").GetString()));
        Assert.True(answer.Headers.CacheControl!.NoStore);

        var (header, claims) = Parts(TenantWorld.TokenIn(body));
        Assert.Equal("""{"alg":"HS256","typ":"JWT"}""", header.GetRawText());
        Assert.Equal(["email", "exp", "iat", "role", "roles", "sub", "tenant", "trace", "uid", "username"],
            claims.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        Assert.Equal(user.GetProperty("id").GetInt32(), claims.GetProperty("uid").GetInt32());
        Assert.Equal($"{user.GetProperty("id").GetInt32()}", claims.GetProperty("sub").GetString());
        Assert.Equal((tenant.Name, "rosa", email, "admin"), (claims.GetProperty("tenant").GetString(),
            claims.GetProperty("username").GetString(), claims.GetProperty("email").GetString(),
            claims.GetProperty("role").GetString()));
        Assert.Equal(["qf", "admin"], claims.GetProperty("roles").EnumerateArray().Select(r => r.GetString()));
        Assert.Equal(480 * 60, claims.GetProperty("exp").GetInt64() - claims.GetProperty("iat").GetInt64());
        Assert.Matches("^[0-9a-f]{32}$", claims.GetProperty("trace").GetString());
    }

    [Fact]
    public async Task Login_NameOrAddressInAnyCase_SignsIn()
    {
        var tenant = await host.TenantAsync("caja");
        var email = await tenant.AddUserAsync("Rosa.Huaman");
        using var nobody = host.Nobody(tenant.Name);

        foreach (var name in new[] { email, email.ToUpperInvariant(), "rosa.huaman", "ROSA.HUAMAN", $" {email} " })
        {
            (await nobody.LoginAsync(name, TenantSideHost.Password)).Expect(200);
        }

        // ñ as two code points, as some systems type it.
        (await nobody.LoginAsync(email, "Sen\u0303as-de-prueba-7")).Expect(200);
    }

    [Fact]
    public async Task Login_WhateverIsWrongWithTheAccount_GivesTheSameAnswer()
    {
        var tenant = await host.TenantAsync("igual");
        var email = await tenant.AddUserAsync("rosa");
        var blocked = await tenant.AddUserAsync("bloqueada", isActive: false);
        var without = await tenant.AddUserAsync("sinrol", roles: "");
        var odd = await tenant.AddUserAsync("raro", hash: "no es bcrypt");
        using var nobody = host.Nobody(tenant.Name);

        var (answers, work, checks) = (new List<ApiAnswer>(), new List<int>(), new ConcurrentQueue<int>());
        var passwords = host.Services.GetRequiredService<TenantPasswords>();
        passwords.Checking = hash => checks.Enqueue(
            1 << int.Parse(hash.Split('$')[2], CultureInfo.InvariantCulture));
        foreach (var (name, password) in new[]
        {
            (email, "no-es-la-suya"), ("nadie@en.ninguna.parte", TenantSideHost.Password),
            (blocked, TenantSideHost.Password), (without, TenantSideHost.Password), (odd, TenantSideHost.Password),
            ($"admin@{tenant.Name}.pe", TenantSideHost.Password), (email, TenantSideHost.Password + " "),
        })
        {
            answers.Add(await nobody.LoginAsync(name, password));
            work.Add(checks.Sum());
            checks.Clear();
        }

        // Each of them runs one bcrypt of the same cost, also for a name that nobody has. The first administrator has
        // no password, but a hash of the lowest cost, which takes a sixty-fourth more.
        passwords.Checking = null;
        Assert.Equal([1024, 1024, 1024, 1024, 1024, 1024 + 16, 1024], work);
        answers.Add(await nobody.LoginAsync(email, new string('x', 300)));
        Assert.All(answers, answer => answer.ExpectProblem(401, "credentials_wrong"));
        Assert.Single(answers.Select(answer => string.Join('|', answer.Json.EnumerateObject()
            .Where(p => p.Name != "traceId").Select(p => p.Value.GetRawText()))).Distinct());
        (await nobody.LoginAsync(email, TenantSideHost.Password)).Expect(200);
    }

    [Fact]
    public async Task Login_AfterFiveWrongTries_HasToWaitWhateverTheNameIs()
    {
        var tenant = await host.TenantAsync("espera");
        var email = await tenant.AddUserAsync("rosa");
        using var nobody = host.Nobody(tenant.Name);

        // The typed text is counted, whether or not an account has that name. Otherwise a wait would tell which address
        // belongs to a name.
        await TryAsync(nobody, ["rosa", "ROSA", "Rosa", " rosa ", "rosa"], "ROSA");
        await TryAsync(nobody, ["ñadie", "ÑADIE", "n\u0303adie", "Ñadie", "ñadie"], "N\u0303ADIE");
        (await nobody.LoginAsync(email, TenantSideHost.Password)).Expect(200);
        await TryAsync(nobody, [email, email.ToUpperInvariant(), email, email, email], email);

        // Another account, and the same one of another tenant, do not wait.
        var other = await tenant.AddUserAsync("luis");
        (await nobody.LoginAsync(other, TenantSideHost.Password)).Expect(200);
        var rival = await host.TenantAsync("rival");
        await rival.AddUserAsync("rosa");
        using var there = host.Nobody(rival.Name);
        (await there.LoginAsync("rosa", TenantSideHost.Password)).Expect(200);
    }

    [Fact]
    public async Task Login_SuccessAfterWrongTries_ForgetsThem()
    {
        var tenant = await host.TenantAsync("olvido");
        var email = await tenant.AddUserAsync("rosa");
        using var nobody = host.Nobody(tenant.Name);

        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 4; i++)
            {
                (await nobody.LoginAsync(email, "no-es")).ExpectProblem(401, "credentials_wrong");
            }

            (await nobody.LoginAsync(email, TenantSideHost.Password)).Expect(200);
        }
    }

    [Fact]
    public async Task Login_WrongForm_SaysWhichField()
    {
        var tenant = await host.TenantAsync("campos");
        using var nobody = host.Nobody(tenant.Name);

        var missing = (await nobody.FormAsync([])).ExpectProblem(422, "invalid_input");
        Assert.Equal(["password", "username"], missing.GetProperty("errors").EnumerateObject().Select(p => p.Name)
            .Order(StringComparer.Ordinal));
        var unknown = (await nobody.FormAsync([new("username", "a"), new("password", "b"), new("tenant", "c")]))
            .ExpectProblem(422, "invalid_input");
        Assert.Equal(["tenant"], unknown.GetProperty("errors").EnumerateObject().Select(p => p.Name));
        (await nobody.FormAsync([new("username", "a"), new("username", "b"), new("password", "c")]))
            .ExpectProblem(422, "invalid_input");
        (await nobody.FormAsync([new("username", "a"), new("password", "b"), new("grant_type", "password"),
            new("scope", "")])).ExpectProblem(401, "credentials_wrong");
        (await nobody.LoginAsync("a", "b\0c")).ExpectProblem(400, "bad_request");
        (await nobody.PostAsync("auth/login", new { username = "a", password = "b" }))
            .ExpectProblem(415, "unsupported_media_type");
    }

    /// <summary>Nobody has signed in yet, so no body may be an error of the portal.</summary>
    [Theory]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data", 415)]
    [InlineData("multipart/form-data", "username=a&password=b", 415)]
    [InlineData("application/x-www-form-urlencoded; charset=utf-7", "username=a&password=b", 415)]
    [InlineData("application/x-www-form-urlencoded; charset=utf-16", "username=a&password=b", 415)]
    [InlineData("application/x-www-form-urlencoded; charset=nada", "username=a&password=b", 415)]
    [InlineData("text/plain", "username=a&password=b", 415)]
    [InlineData("application/x-www-form-urlencoded; charset=\"UTF-8\"", "username=a&password=b", 401)]
    [InlineData("APPLICATION/x-www-form-urlencoded", "username=%FF&password=%00%zz", 400)]
    [InlineData("application/x-www-form-urlencoded", "", 422)]
    [InlineData("application/x-www-form-urlencoded", "&&==&=&password", 422)]
    public async Task Login_BodyOfAnyKind_IsAnErrorOfTheCaller(string type, string body, int status)
    {
        using var nobody = host.Nobody(await host.SharedNameAsync());

        Assert.Equal(status, (await nobody.BodyAsync("auth/login", type, body)).Status);
    }

    [Fact]
    public async Task Login_FormWithTooManyFields_IsAnErrorOfTheCaller()
    {
        using var nobody = host.Nobody(await host.SharedNameAsync());
        const string Type = "application/x-www-form-urlencoded";

        foreach (var body in new[]
        {
            string.Join('&', Enumerable.Range(0, 2_000).Select(i => $"f{i}=1")), $"{new string('k', 5_000)}=1",
        })
        {
            (await nobody.BodyAsync("auth/login", Type, body)).ExpectProblem(400, "bad_request");
        }

        Assert.Equal(413, (await nobody.BodyAsync("auth/login", Type, $"a={new string('k', 1_100_000)}")).Status);
    }

    [Fact]
    public async Task Me_CustomPermissions_AreMergedAndADenialWins()
    {
        var tenant = await host.TenantAsync("permisos");
        await tenant.WriteAsync("INSERT INTO empleados (nombres, apellidos) VALUES ('Rosa', 'Huamán Ñique')");
        using var user = await tenant.SignedInAsync("rosa", "legal,soporte",
            """{"icsr": {"litigio": false, "create": true}, "otra": {"cosa": 1}, "raro": true}""");
        await tenant.WriteAsync(
            "UPDATE users SET empleado_id = (SELECT min(id) FROM empleados) WHERE username = 'rosa'");

        var me = (await user.GetAsync("auth/me")).Expect(200);

        Assert.Equal(["id", "email", "username", "full_name", "role", "roles", "permissions", "is_active",
            "empleado_id"], me.EnumerateObject().Select(p => p.Name));
        Assert.Equal(("rosa", "Rosa Huamán Ñique", "legal"), (me.GetProperty("username").GetString(),
            me.GetProperty("full_name").GetString(), me.GetProperty("role").GetString()));
        var permissions = me.GetProperty("permissions");
        Assert.Equal(["create", "list", "read"],
            permissions.GetProperty("icsr").EnumerateObject().Select(p => p.Name));
        Assert.Equal(["list", "read", "update"],
            permissions.GetProperty("usuarios").EnumerateObject().Select(p => p.Name));
        Assert.False(permissions.TryGetProperty("otra", out _));
        Assert.All(permissions.EnumerateObject().SelectMany(module => module.Value.EnumerateObject()),
            action => Assert.Equal(JsonValueKind.True, action.Value.ValueKind));
    }

    [Fact]
    public async Task Me_UserWhoWasBlockedOrLostTheRoles_IsRefusedAtOnce()
    {
        var tenant = await host.TenantAsync("retiro");
        using var one = await tenant.SignedInAsync("rosa");
        using var other = await tenant.SignedInAsync("luis");
        (await one.GetAsync("auth/me")).Expect(200);

        await tenant.WriteAsync("UPDATE users SET is_active = false WHERE username = 'rosa'");
        await tenant.WriteAsync("UPDATE users SET roles = '{}' WHERE username = 'luis'");

        (await one.GetAsync("auth/me")).ExpectProblem(401, "not_authenticated");
        (await other.GetAsync("auth/me")).ExpectProblem(401, "not_authenticated");
    }

    [Fact]
    public async Task Tokens_OfOneSide_DoNotWorkOnTheOther()
    {
        var tenant = await host.TenantAsync("lados");
        using var user = await tenant.SignedInAsync("rosa");
        var staff = await host.TokenAsync(StaffRoles.Administrator);
        using var asStaff = new TenantCalls(host.Address, tenant.Name, staff);
        using var onStaffSide = new ApiCalls(host.Address, user.Token);

        foreach (var call in ApiCall.OfTenants(host.Services).Where(c => c.Said<Portal.Api.TenantSide.TenantCall>()!
            .NeedsToken))
        {
            (await asStaff.SendAsync(new HttpMethod(call.Method), call.Route, call.Method == "GET" ? null : "{}"))
                .ExpectProblem(401, "not_authenticated");
        }

        foreach (var call in ApiCall.All(host.Services).Where(c => c.Name != "createToken"))
        {
            (await onStaffSide.SendAsync(
                new HttpMethod(call.Method), call.Path, call.Method == "GET" ? null : "{}"))
                .ExpectProblem(401, "not_authenticated");
        }

        // Nor does the cookie of a member of staff.
        using var browser = new BrowserSession(host);
        await browser.SignInAsync(PortalHost.AdministratorEmail, PortalHost.AdministratorPassword);
        using var cookie = host.Nobody(tenant.Name);
        (await cookie.GetAsync("auth/me", ("Cookie", browser.Cookies))).ExpectProblem(401, "not_authenticated");
    }

    /// <summary>The tenants belong to the original, which is still in use.</summary>
    [Fact]
    public async Task Login_ReadOnlyMaster_SignsNobodyIn()
    {
        var tenant = await host.TenantAsync("copia");
        await tenant.AddUserAsync("rosa");
        using var nobody = host.Nobody(tenant.Name);
        var identity = host.Services.GetRequiredService<MasterIdentity>();

        identity.ReadOnly = new Message("master_copied", "a", "b");
        try
        {
            (await nobody.LoginAsync("rosa", TenantSideHost.Password)).ExpectProblem(409, "read_only");
        }
        finally
        {
            identity.ReadOnly = null;
        }

        (await nobody.LoginAsync("rosa", TenantSideHost.Password)).Expect(200);
    }

    private static async Task TryAsync(TenantCalls nobody, string[] names, string name)
    {
        foreach (var wrong in names)
        {
            (await nobody.LoginAsync(wrong, "no-es")).ExpectProblem(401, "credentials_wrong");
        }

        foreach (var password in new[] { TenantSideHost.Password, "no-es" })
        {
            var refused = await nobody.LoginAsync(name, password);
            refused.ExpectProblem(429, "too_many_requests");
            Assert.InRange(
                refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        }
    }

    private static (JsonElement Header, JsonElement Claims) Parts(string token)
    {
        var parts = token.Split('.');
        return (JsonElement.Parse(Base64UrlEncoder.Decode(parts[0])),
            JsonElement.Parse(Base64UrlEncoder.Decode(parts[1])));
    }
}
