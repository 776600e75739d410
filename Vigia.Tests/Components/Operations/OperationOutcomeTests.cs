using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Portal.Api;
using Vigia.Portal.Components.Operations;
using Vigia.Tests.Components.Shared;

namespace Vigia.Tests.Components.Operations;

/// <summary>
/// The result of an operation, and the holders that keep one waiting, as the page and the API show them.
/// </summary>
public sealed class OperationOutcomeTests : ComponentTest
{
    private const string Deleted = """{"Row":"{}","WasActive":true,"Reason":"","RetentionDays":7}""";

    // The tenant as it is now: in the trash, restored, destroyed.
    [Theory]
    [InlineData("trashed", "Deshacer… Ir a la papelera")]
    [InlineData("restored", "")]
    [InlineData("purged", "")]
    public void Outcome_MovedToTheTrash_OffersTheRestoreOnlyWhileThere(string now, string buttons)
    {
        var shown = Render<OperationOutcome>(p => p.Add(o => o.Operation, Done("delete_tenant", Deleted))
            .Add(o => o.MayRestore, true).Add(o => o.Tenant, Lookup(now)));

        Assert.Equal("El cliente pasó a la papelera." + (now == "trashed"
            ? " Puede deshacerlo hasta el 1/12/2026 10:00." : ""), shown.Find("p").TextContent);
        Assert.Equal(buttons, string.Join(' ', shown.FindAll("a").Select(TextOf)));
    }

    [Theory]
    [InlineData("restored", "Ir al cliente")]
    [InlineData("trashed", "")]
    [InlineData("purged", "")]
    public void Outcome_Provisioned_LinksToTheClientWhileItExists(string now, string buttons)
    {
        var shown = Render<OperationOutcome>(
            p => p.Add(o => o.Operation, Done("provision_tenant", "{}")).Add(o => o.Tenant, Lookup(now)));

        Assert.Equal("La base de datos quedó lista.", shown.Find("p").TextContent);
        Assert.Equal(buttons, string.Join(' ', shown.FindAll("a").Select(TextOf)));
    }

    // A good colour would stand above tenants that were left out.
    [Theory]
    [InlineData(9, 0, "tone-good", "9 hechos. Abajo está el resultado de cada cliente.")]
    [InlineData(1, 1, "tone-warning", "1 hecho · 1 omitido. Abajo está el resultado de cada cliente.")]
    public void OnMany_SaysHowManyWereDoneAndLeftOut(int done, int skipped, string tone, string outcome)
    {
        var shown = Render<OperationOutcome>(p => p.Add(o => o.Operation, Done("suspend_tenants", "{}"))
            .Add(o => o.Counts, new Dictionary<OperationItemState, int>
            {
                [OperationItemState.Skipped] = skipped, [OperationItemState.Done] = done,
            }));

        Assert.Equal(outcome, shown.Find("p").TextContent);
        Assert.Contains(tone, shown.Find(".notice").ClassList);
    }

    // Steps are kept for 90 days, and what the operation was for longer.
    [Theory]
    [InlineData(0, "Destruir cliente", "La base de datos y sus roles ya no existen.")]
    [InlineData(7, "Mover a la papelera", "El cliente pasó a la papelera.")]
    public void Outcome_DeletionWithoutSteps_KeepsItsName(int days, string name, string outcome)
    {
        var operation = Done("delete_tenant", Deleted.Replace("7", $"{days}", StringComparison.Ordinal));

        var shown = Render<OperationOutcome>(
            p => p.Add(o => o.Operation, operation).Add(o => o.Tenant, Lookup("purged")));

        Assert.Equal(outcome, shown.Find("p").TextContent);
        Assert.Equal(
            name, OperationWords.Kind(operation, Services.GetRequiredService<IStringLocalizer<OperationText>>()));
    }

    [Fact]
    public void Outcome_Holders_AreListedWithTheirStatements()
    {
        Message[] parts = [new("holder_template", "postgres", "ALTER DATABASE \"a\" IS_TEMPLATE false;", "a"),
            new("holder_slot", "a", "SELECT pg_drop_replication_slot('s');", "a", "s")];
        var operation = new Operation
        {
            Kind = new("delete_tenant"), RequestedByName = "Ana", State = OperationState.Waiting,
            Error = new Message("tenant_held", "a") { Parts = parts }
        };

        var shown = Render<OperationOutcome>(p => p.Add(o => o.Operation, operation));

        Assert.Equal(operation.Error.RenderHead(), shown.Find("strong").TextContent);
        Assert.Equal(parts.Select(p => $"{p.Render()} {p.RenderAdvice()}"),
            shown.FindAll("li").Select(li => li.TextContent));
        Assert.All(parts, part =>
            Assert.Contains($"\n• {part.Render()} {part.RenderAdvice()}", OperationAnswer.Of(operation).Error!.Message,
            StringComparison.Ordinal));
    }

    private static Operation Done(string kind, string data) => new()
    {
        Kind = new(kind), RequestedByName = "Ana", State = OperationState.Succeeded, TenantId = 7, Data = data,
    };

    private static TenantLookup Lookup(string now) => now switch
    {
        "restored" => new(new TenantView(Tenant.WithId(7), TenantStatus.Active, null, null), null),
        "trashed" => new(null, new TrashedTenant
        {
            Id = 7, Ruc = "", LegalName = "", Subdomain = "", Row = "{}", DeletedByName = "Ana", Reason = "x",
            PurgeAfter = new DateTimeOffset(2026, 12, 1, 15, 0, 0, TimeSpan.Zero),
        }),
        _ => new(null, null, new PurgedTenant(7, null, null, null, DateTimeOffset.UtcNow, "Ana", null)),
    };
}
