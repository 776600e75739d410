using Vigia.Core.Operations;
using Vigia.Tests.Browser;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.Lifecycle.Adoption;

namespace Vigia.Tests.Api;

/// <summary>Adopting a database over HTTP: dry run, adoption, confirmation and completion.</summary>
public sealed class AdoptionApiTests(ApiHost host) : IClassFixture<ApiHost>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Adopt_DatabaseWithoutARow_IsLookedAtAdoptedConfirmedAndCompleted()
    {
        using var api = await host.AsAdministratorAsync();
        await using var database = await ProductDatabase.CreateAsync(host.Postgres, ProductDatabase.Tables);
        var name = PortalTenants.NewName("ajeno");
        var body = new
        {
            db_name = database.Name, product_keeps_owner = true, backup_statement = "Copia del 1/12",
            password = PortalHost.AdministratorPassword, ruc = Rucs.Next(81_234), razon_social = "Ajeno S.A.C.",
            subdominio = name, correo_acceso = "admin@producto.pe", plan = "basico",
        };

        var report = (await api.PostAsync("clientes/adopt?dry_run=true", new { db_name = database.Name })).Expect(200);
        Assert.False(report.GetProperty("possible").GetBoolean());
        Assert.Equal($"GRANT \"{database.Owner}\" TO \"{PostgresServer.PortalRole}\";",
            report.GetProperty("owner_statements")[0].GetString());
        (await api.PostAsync("clientes/adopt", body)).ExpectProblem(409, "owner_statements_needed");
        await database.AsSuperuserAsync($"GRANT {database.Owner} TO {PostgresServer.PortalRole}");
        (await api.PostAsync("clientes/adopt", body with { product_keeps_owner = false, backup_statement = " " }))
            .ExpectProblem(422, "invalid_input");
        (await api.PostAsync("clientes/adopt", body with { password = "otra" })).ExpectProblem(403, "password_wrong");
        (await api.PostAsync("clientes/adopt", body with { ruc = "1" })).ExpectProblem(422, "invalid_input");

        var accepted = (await api.PostAsync("clientes/adopt", body)).Expect(202);

        var id = accepted.GetProperty("cliente").GetProperty("id").GetInt32();
        await host.ReachAsync(accepted.GetProperty("operation").GetProperty("id").GetGuid(), OperationState.Succeeded);
        var row = (await api.GetAsync($"clientes/{id}")).Expect(200);
        Assert.Equal(("ready", database.Name, "adopted", false, false),
            (row.GetProperty("state").GetString(), row.GetProperty("db_name").GetString(),
                row.GetProperty("adoption").GetString(), row.GetProperty("needs_correction").GetBoolean(),
                row.GetProperty("limits_applied").GetBoolean()));
        (await api.PostAsync($"clientes/{id}/adoption/complete")).ExpectProblem(409, "adoption_not_confirmed");
        (await api.PostAsync($"clientes/{id}/adoption/undo", new { reason = " " }))
            .ExpectProblem(422, "invalid_input");
        (await api.PostAsync($"clientes/{id}/adoption/confirm")).Expect(200);
        (await api.PostAsync($"clientes/{id}/adoption/undo", new { reason = "no" }))
            .ExpectProblem(409, "adoption_confirmed");
        Assert.NotEmpty((await api.PostAsync($"clientes/{id}/adoption/complete?dry_run=true")).Expect(200)
            .GetProperty("triggers").EnumerateArray());
        accepted = (await api.PostAsync($"clientes/{id}/adoption/complete")).Expect(202);
        await host.ReachAsync(accepted.GetProperty("operation").GetProperty("id").GetGuid(), OperationState.Succeeded);
        Assert.Equal("completed",
            (await api.GetAsync($"clientes/{id}/adoption")).Expect(200).GetProperty("stage").GetString());
        (await api.PostAsync($"clientes/{id}/adopt?dry_run=true", new { })).ExpectProblem(409, "already_managed");
        (await api.PostAsync("clientes/adopt/many", new
        {
            product_keeps_owner = true, backup_statement = "Copia", password = PortalHost.AdministratorPassword,
        })).ExpectProblem(409, "nothing_to_adopt");
    }

    [Fact]
    public async Task Adoption_AsOperatorAndSupport_FollowsTheRights()
    {
        using var operators = await host.AsAsync("Operator");
        using var support = await host.AsAsync("Support");

        (await operators.PostAsync("clientes/adopt?dry_run=true", new { db_name = "postgres" })).Expect(200);
        (await operators.PostAsync("clientes/adopt/many", new { })).ExpectProblem(403, "forbidden");
        (await support.PostAsync("clientes/adopt?dry_run=true", new { db_name = "postgres" }))
            .ExpectProblem(403, "forbidden");
        (await support.GetAsync("clientes/987654/adoption")).ExpectProblem(404, "not_adopted");
    }
}
