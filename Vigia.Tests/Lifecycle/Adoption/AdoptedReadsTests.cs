using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Lifecycle.Adoption;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Adoption;

/// <summary>Lists and pages read little about adopted tenants, and show the use of their limits.</summary>
public sealed partial class AdoptedReadsTests(PostgresServer server) : AdoptionTestBase(server)
{
    private readonly ReadStatements _statements = new();

    [Fact]
    public async Task Reads_OfAnAdoptedTenant_LeaveOutWhatTheDatabaseWasBefore()
    {
        var (_, id) = await AdoptedAsync();
        var search = new TenantSearch(_statements.Factory(Host), Host.Get<TenantUrls>(), Host.Get<TimeProvider>());

        var listed = (await search.SearchAsync(Host.Admin, new TenantQuery { PageSize = 20 }, Cancellation)).Items;
        var view = (await search.GetAsync(Host.Admin, id, Cancellation)).View!;
        await using (var db = await _statements.Factory(Host).CreateDbContextAsync(Cancellation))
        {
            var tenant = await db.Set<Tenant>().SingleAsync(t => t.Id == id, Cancellation);
            Assert.Equal(AdoptionStage.Adopted, (await TenantStanding.ReadAsync(
                db, tenant, Host.Get<TimeProvider>().GetUtcNow(), Cancellation)).Adoption);
        }

        Assert.True(_statements.Count >= 4, $"{_statements.Count} statements noted");
        Assert.Equal([], _statements.Texts.Where(sql => Before().IsMatch(sql)));
        var adoption = await Host.Get<AdoptionFollowUps>().FindAsync(Host.Admin, id, Cancellation);
        Assert.NotNull(adoption!.UndoUntil);
        Assert.Equal(adoption, view.Adoption);
        Assert.Equal(adoption, listed.Single(v => v.Id == id).Adoption);
    }

    // A column that decides the stage must not be missing from what the lists read.
    [Fact]
    public void Summary_HasEveryPropertyThatIsNotLeftOut()
    {
        string[] leftOut =
            ["Before", "Made", "TenantId", "DatabaseId", "OperationId", "RegisteredHere", "StartedAt", "Kept"];
        Assert.Equal(
            typeof(TenantAdoption).GetProperties().Select(p => p.Name).Except(leftOut).Order(StringComparer.Ordinal),
            typeof(AdoptionSummary).GetProperties().Select(p => p.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Count_TablesThatNoTriggerCounts_CountsTheirRows()
    {
        var (database, id) = await AdoptedAsync(ProductDatabase.Tables + """
            CREATE TABLE establecimientos (id serial PRIMARY KEY, nombre text NOT NULL, is_active boolean DEFAULT true);
            INSERT INTO establecimientos (nombre, is_active) VALUES ('uno', true), ('dos', true), ('tres', false);
            CREATE TABLE comprobantes (id serial PRIMARY KEY, tipo varchar(20) NOT NULL, serie varchar(4) NOT NULL,
                numero integer NOT NULL, fecha_emision date NOT NULL, estado varchar(10) DEFAULT 'borrador');
            INSERT INTO comprobantes (tipo, serie, numero, fecha_emision, estado)
            SELECT 'factura', 'F001', i, (now() AT TIME ZONE 'America/Lima')::date - CASE i WHEN 5 THEN 60 ELSE 0 END,
                CASE i WHEN 4 THEN 'borrador' WHEN 3 THEN 'anulado' ELSE 'emitido' END FROM generate_series(1, 5) i;
            """);

        var content = (await Host.Get<TenantContents>().CountAsync(Host.Admin, id, Cancellation))!;

        Assert.Equal((2L, 3L), (content.ActiveEstablishments, content.DocumentsThisMonth));

        // From the completion on, the triggers count.
        await ConfirmAsync(id);
        AssertSucceeded(await Host.EndOfAsync(
            await Host.Get<AdoptionFollowUps>().CompleteAsync(Host.Admin, id, Cancellation)));
        await database.AsSuperuserAsync(
            "UPDATE tenant_usage SET usado = 7 WHERE limite = 'max_establecimientos'");
        content = (await Host.Get<TenantContents>().CountAsync(Host.Admin, id, Cancellation))!;
        Assert.Equal(7L, content.ActiveEstablishments);
    }

    [GeneratedRegex(@"\bbefore\b")]
    private static partial Regex Before();
}
