using Microsoft.Extensions.Configuration;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Audit;
using Vigia.Portal.Startup;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.Lifecycle.Adoption;

namespace Vigia.Tests.Startup;

/// <summary>The command <c>adopt</c> registers as the page does, and asks who signs as a sign-in does.</summary>
public sealed class AdoptCommandTests(PostgresServer server) : AdoptionTestBase(server)
{
    protected override bool Workers => false;

    [Fact]
    public async Task Adopt_ANewTenant_HasTheLimitsOfItsPlan()
    {
        var database = await MadeAsync();
        await GrantAsync(database);
        var name = NewName("orden");

        var output = await RunAsync(CoreHost.AdminPassword, "None", database.Name, name);

        Assert.Contains("Requested.", output, StringComparison.Ordinal);
        Assert.Equal("true", await Host.ScalarAsync<string>(Host.Master.Database, $"""
            SELECT (t.max_usuarios IS NOT DISTINCT FROM p.max_users
                AND t.max_establecimientos IS NOT DISTINCT FROM p.max_establishments
                AND t.max_usuarios IS NOT NULL)::text
            FROM clientes_saas t JOIN portal.plans p ON p.code = t.plan WHERE t.subdominio = '{name}'
            """));
    }

    [Fact]
    public async Task Adopt_WithoutTheSecondFactorOrWithAWrongPassword_IsRefused()
    {
        var database = await MadeAsync();
        await GrantAsync(database);

        var missing = await Assert.ThrowsAsync<StartupException>(
            () => RunAsync(CoreHost.AdminPassword, null, database.Name, NewName("orden")));
        Assert.Contains("second factor", missing.Message, StringComparison.Ordinal);

        var wrong = await Assert.ThrowsAsync<StartupException>(
            () => RunAsync("no es la suya", "None", database.Name, NewName("orden")));
        Assert.Contains("password is wrong", wrong.Message, StringComparison.Ordinal);
        for (var tries = 0; tries < 20 && !wrong.Message.Contains("intento", StringComparison.Ordinal); tries++)
        {
            wrong = await Assert.ThrowsAsync<StartupException>(
                () => RunAsync("no es la suya", "None", database.Name, NewName("orden")));
        }

        Assert.Contains("intento", wrong.Message, StringComparison.Ordinal);
        await using var db = await Host.OpenMasterAsync();
        Assert.False(await db.Set<AuditEvent>().AnyAsync(
            e => e.Action == "tenant.adopt_requested", Cancellation));
    }

    private async Task<string> RunAsync(string password, string? secondFactor, string database, string name)
    {
        using var output = new StringWriter();
        using var input = new StringReader(password);
        await AdoptCommand.RunAsync(
            [
                "adopt", database, "--as", "ana@vigia.test", "--backup", "Copia",
                "--product-keeps-owner", "--ruc", NewRuc(), "--razon-social", "Orden S.A.C.", "--subdominio", name,
                "--correo", "a@b.pe", "--plan", "basico",
            ],
            _ => new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["MASTER_DATABASE_URL"] = Host.Master.ToTextWithPassword(),
                ["TENANT_DB_TEMPLATE"] = Server.PortalUrl("db_name").ToTextWithPassword()
                    .Replace("db_name", "{db_name}", StringComparison.Ordinal),
                ["SECRET_KEY"] = CoreHost.Secret, ["SAAS_BASE_DOMAIN"] = "vigia.test", ["Adoption:Enabled"] = "true",
                ["Staff:RequireSecondFactor"] = secondFactor,
            }).Build(), input, output, Cancellation);
        return output.ToString();
    }
}
