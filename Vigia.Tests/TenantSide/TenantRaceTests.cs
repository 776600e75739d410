using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Renaming;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Tenants;
using Vigia.Core.TenantSide;
using Vigia.Tests.Api;
using Vigia.Tests.Browser;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.TenantSide;

/// <summary>Changes while a password is checked or hashed, which takes longer than everything else.</summary>
public sealed class TenantRaceTests(TenantSideHost host) : IClassFixture<TenantSideHost>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private TenantPasswords Passwords => host.Services.GetRequiredService<TenantPasswords>();

    [Fact]
    public async Task Login_TenantSuspendedDuringTheCheck_GivesNoToken()
    {
        var tenant = await host.TenantAsync("cerrada");
        await tenant.AddUserAsync("rosa");

        var answer = await DuringCheckAsync(() => LoginAsync(tenant.Name), async () =>
        {
            await using var scope = host.Scope();
            await scope.ServiceProvider.GetRequiredService<TenantActivation>()
                .SuspendAsync(await host.AdministratorAsync(), tenant.Id, "seguridad", null, Cancellation);
            await host.HoldsAsync(tenant.Name, entry => entry is { IsActive: false });
        });

        answer.ExpectProblem(403, "tenant_inactive");
    }

    [Fact]
    public async Task Login_TenantReplacedByAnotherOfItsNameDuringTheCheck_GivesNoToken()
    {
        var name = PortalTenants.NewName("cambiada");
        var first = await host.ReadyTenantAsync(name, TenantEnvironments.Demo);
        await host.HoldsAsync(name, entry => entry?.Id == first && entry.RefusalNow(TimeProvider.System) == 0);
        await new TenantWorld(host, first, name).AddUserAsync("rosa");

        var answer = await DuringCheckAsync(() => LoginAsync(name), async () =>
        {
            await host.ReachAsync(await host.DeleteAsync(first, name), OperationState.Succeeded);
            var second = await host.ReadyTenantAsync(name, TenantEnvironments.Demo);
            await host.HoldsAsync(name, entry => entry?.Id == second && entry.RefusalNow(TimeProvider.System) == 0);
        });

        answer.ExpectProblem(404, "tenant_unknown");
    }

    [Fact]
    public async Task Login_TenantRenamedDuringTheCheck_GivesATokenOfTheNewName()
    {
        var tenant = await host.TenantAsync("llamada");
        await tenant.AddUserAsync("rosa");

        var answer = await DuringCheckAsync(() => LoginAsync(tenant.Name), async () =>
        {
            var name = PortalTenants.NewName("ahora");
            await using var scope = host.Scope();
            await host.ReachAsync(await scope.ServiceProvider.GetRequiredService<TenantRenaming>().RenameAsync(
                Actor.System, tenant.Id, name, "La empresa cambió de nombre", Cancellation), OperationState.Succeeded);
            await host.HoldsAsync(name, entry => entry?.Id == tenant.Id);
        });

        using var user = new TenantCalls(host.Address, null, TenantWorld.TokenIn(answer.Expect(200)));
        (await user.GetAsync("auth/me")).Expect(200);
    }

    /// <summary>A try whose password nobody looked at must not keep the user out.</summary>
    [Fact]
    public async Task SignIn_CallerGoesAwayBeforeTheCheckBegins_IsNotCounted()
    {
        var tenant = await host.TenantAsync("espera");
        await tenant.AddUserAsync("rosa");
        const string Counters = "FROM portal.sign_in_tries WHERE last_at > now() - interval '1 minute'";
        await tenant.WriteMasterAsync($"DELETE {Counters}");
        using var gate = new ManualResetEventSlim();
        using var begun = new CountdownEvent(Environment.ProcessorCount);
        Passwords.Checking = _ =>
        {
            begun.Signal();
            gate.Wait(Cancellation);
        };
        var others = Enumerable.Range(0, Environment.ProcessorCount)
            .Select(_ => Task.Run(() => Passwords.VerifyAsync(null, "de otra persona", Cancellation))).ToList();
        begun.Wait(Cancellation);
        Passwords.Checking = null;
        await using var scope = host.Scope();
        using var gone = new CancellationTokenSource();

        var signingIn = scope.ServiceProvider.GetRequiredService<TenantSignIn>().SignInAsync(
            tenant.Entry, "rosa", TenantSideHost.Password, new SignInOrigin("192.0.2.7", null), null, gone.Token);
        await Eventually.HoldsAsync(
            "the try is counted", async () => await CountAsync($"SELECT sum(failures) {Counters}") == 2, Cancellation);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => signingIn);
        gate.Set();
        await Task.WhenAll(others);

        Assert.Equal(0, await CountAsync($"SELECT sum(failures) {Counters}"));
    }

    [Fact]
    public async Task CreateUser_RoleGetsMorePermissionsDuringTheHash_IsRefused()
    {
        var tenant = await host.TenantAsync("crece");
        using var support = await tenant.SignedInAsync("saul", "soporte", """{"usuarios": {"create": true}}""");
        await tenant.WriteAsync("INSERT INTO roles (id, name, label) VALUES (90, 'auxiliar', 'Auxiliar')");

        var answer = await DuringHashAsync(() => support.PostAsync("users", User("auxiliar")), () => tenant.WriteAsync(
            "UPDATE roles SET permissions = '{icsr:inventado}' WHERE name = 'auxiliar'"));

        answer.ExpectProblem(403, "role_beyond_own");
    }

    /// <summary>The token was accepted when the call began, and works no more when the user is added.</summary>
    [Fact]
    public async Task CreateUser_TokensEndDuringTheHash_IsRefused()
    {
        var tenant = await host.TenantAsync("revoca");
        using var admin = await tenant.SignedInAsync("rosa");
        var before = tenant.Entry.TokensValidAfter;

        var answer = await DuringHashAsync(() => admin.PostAsync("users", User("qf")), async () =>
        {
            await tenant.WriteMasterAsync($"UPDATE clientes_saas SET is_active = false WHERE id = {tenant.Id}");
            await tenant.WriteMasterAsync($"UPDATE clientes_saas SET is_active = true WHERE id = {tenant.Id}");
            await host.HoldsAsync(
                tenant.Name, entry => entry is { IsActive: true } && entry.TokensValidAfter > before);
        });

        answer.ExpectProblem(401, "not_authenticated");
    }

    [Theory]
    [InlineData("DELETE FROM empleados", "empleado_id")]
    [InlineData("DELETE FROM roles WHERE name = 'auxiliar'", "roles")]
    public async Task CreateUser_EmployeeOrRoleDeletedMeanwhile_IsAWrongField(string delete, string field)
    {
        var tenant = await host.TenantAsync("borrado");
        using var admin = await tenant.SignedInAsync("rosa");
        await tenant.WriteAsync("""
            INSERT INTO roles (id, name, label) VALUES (90, 'auxiliar', 'Auxiliar');
            INSERT INTO empleados (id, nombres, apellidos) OVERRIDING SYSTEM VALUE VALUES (71, 'Luis', 'Ñique')
            """);

        var answer = await WhileDeletingAsync(
            tenant, delete, () => admin.PostAsync("users", User("auxiliar", empleado: 71)));

        Assert.Equal([field], WrongFields(answer));
    }

    [Fact]
    public async Task CreateVoucher_EstablishmentDeletedMeanwhile_IsAWrongField()
    {
        var tenant = await host.TenantAsync("mudanza");
        using var admin = await tenant.SignedInAsync("rosa");
        var site = (await admin.PostAsync("establecimientos", new { nombre = "Planta" })).Expect(201)
            .GetProperty("id").GetInt32();

        var answer = await WhileDeletingAsync(tenant, "DELETE FROM establecimientos", () => admin.PostAsync(
            "comprobantes", new
            {
                tipo = "factura", serie = "F001", numero = 1, fecha_emision = "2026-12-01", establecimiento_id = site,
            }));

        Assert.Equal(["establecimiento_id"], WrongFields(answer));
    }

    private static object User(string role, int? empleado = null) => new
    {
        email = $"nuevo-{role}@cliente.pe", password = "otra frase", roles = new[] { role }, empleado_id = empleado,
    };

    private static IEnumerable<string> WrongFields(ApiAnswer answer) =>
        answer.ExpectProblem(422, "invalid_input").GetProperty("errors").EnumerateObject().Select(p => p.Name);

    private async Task<ApiAnswer> LoginAsync(string tenant)
    {
        using var nobody = host.Nobody(tenant);
        return await nobody.LoginAsync("rosa", TenantSideHost.Password);
    }

    private Task<ApiAnswer> DuringCheckAsync(Func<Task<ApiAnswer>> call, Func<Task> act) =>
        DuringAsync(hold => Passwords.Checking = hold is null ? null : _ => hold(), call, act);

    private Task<ApiAnswer> DuringHashAsync(Func<Task<ApiAnswer>> call, Func<Task> act) =>
        DuringAsync(hold => Passwords.Hashing = hold, call, act);

    // The call waits where the test acts.
    private static async Task<ApiAnswer> DuringAsync(
        Action<Action?> hook, Func<Task<ApiAnswer>> call, Func<Task> act)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var gate = new ManualResetEventSlim();
        hook(() =>
        {
            reached.TrySetResult();
            gate.Wait(Cancellation);
        });
        var answer = call();
        try
        {
            await reached.Task.WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
            await act();
        }
        finally
        {
            hook(null);
            gate.Set();
            await answer;
        }

        return await answer;
    }

    // The call finds the row when it looks it up. Then its insert waits for the deletion, and the row is gone.
    private async Task<ApiAnswer> WhileDeletingAsync(TenantWorld tenant, string delete, Func<Task<ApiAnswer>> call)
    {
        await using var session = await PostgresServer.OpenAsync(
            host.Postgres.SuperuserUrl($"vigia_{tenant.Name}"), Cancellation);
        await using var transaction = await session.BeginTransactionAsync(Cancellation);
        await using var command = new NpgsqlCommand(delete, session);
        await command.ExecuteNonQueryAsync(Cancellation);
        var answer = call();
        await Eventually.HoldsAsync("the call waits", async () => await CountAsync($"""
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = 'vigia_{tenant.Name}' AND wait_event_type = 'Lock'
            """) == 1, Cancellation);
        await transaction.CommitAsync(Cancellation);
        return await answer;
    }

    private async Task<long> CountAsync(string sql)
    {
        await using var session = await PostgresServer.OpenAsync(
            host.Postgres.SuperuserUrl(host.Master.Database), Cancellation);
        await using var command = new NpgsqlCommand(sql, session);
        return await command.ExecuteScalarAsync(Cancellation) is long count ? count : 0;
    }
}
