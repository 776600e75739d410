using System.Text.Json;
using Npgsql;
using Vigia.Core.Lifecycle.Adoption;
using Vigia.Core.Postgres;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.TenantSchema;

namespace Vigia.Tests.Lifecycle.Adoption;

/// <summary>The description of the newest schema agrees with a new database.</summary>
public sealed class TenantBlueprintTests(TenantDatabases databases) : IClassFixture<TenantDatabases>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Blueprint_MatchesANewDatabase() =>
        Assert.Equal(await WriteAsync(), await File.ReadAllTextAsync(FilePath(), Cancellation));

    /// <summary>
    /// If the description can't express a trigger, a right or a row, an adopted database would lack it.
    /// </summary>
    [Fact]
    public void Blueprint_OfTheAssembly_HasEverything()
    {
        var head = TenantBlueprint.Head;

        Assert.True(head.Tables.Count > 40, $"{head.Tables.Count} tables");
        Assert.All(head.Tables, t => Assert.True(t.IsOrdinary, t.Name));
        Assert.All(head.Tables, t => Assert.Contains(t.Constraints, c => c.Kind == "p"));
        Assert.Equal(7, head.Find("roles")!.Seeds.Count);
        Assert.Single(head.Find(TenantBlueprint.History)!.Seeds);
        Assert.Contains(head.Find("users")!.Triggers, t => t.Name == "users_record");
        Assert.Contains(head.Functions, f => f is { Name: "lima_month", IsGranted: true });
        Assert.DoesNotContain(head.Functions, f => f.IsOpen);
    }

    /// <summary>script/tenant-schema runs this.</summary>
    [Fact(Explicit = true)]
    public async Task Blueprint_Write() => await File.WriteAllTextAsync(FilePath(), await WriteAsync(), Cancellation);

    private async Task<string> WriteAsync()
    {
        await using var session = await PostgresServer.OpenAsync(await databases.SharedAsync(), Cancellation);
        await SchemaReader.TrustOnlyCatalogueAsync(session, Cancellation);
        var found = await SchemaReader.ReadAsync(session, Cancellation);
        var tables = new List<TableDescription>();
        foreach (var table in found.Tables)
        {
            tables.Add(table with
            {
                Owner = "",
                Oid = 0,
                Columns = [.. table.Columns.Select(c => c with { Number = 0 })],
                OwnerIsSuperuser = false,
                IsOwnedByUs = false,
                Seeds = await SeedsAsync(session, table),
            });
        }

        return new SchemaDescription
        {
            Tables = tables,
            Functions = [.. found.Functions.Select(f => f with { Owner = "", Oid = 0 })],
        }.Write() + "\n";
    }

    // Generated values are left out: the database generates them again.
    private static async Task<IReadOnlyList<JsonElement>> SeedsAsync(NpgsqlConnection session, TableDescription table)
    {
        var generated = table.Columns.Where(c => c.IsGenerated).Select(c => c.Name);
        await using var command = new NpgsqlCommand(
            $"SELECT (jsonb_strip_nulls(to_jsonb(t) - $1))::text FROM public.{SqlIdentifier.Quote(table.Name)} t "
            + "ORDER BY 1", session)
        {
            Parameters = { new() { Value = generated.ToArray() } },
        };
        var rows = new List<JsonElement>();
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        while (await reader.ReadAsync(Cancellation))
        {
            rows.Add(JsonSerializer.Deserialize<JsonElement>(reader.GetString(0)));
        }

        return rows;
    }

    private static string FilePath([System.Runtime.CompilerServices.CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(
            Path.GetDirectoryName(here)!, "../../../Vigia.Core/TenantSchema/Sql/tenant_head.json"));
}
