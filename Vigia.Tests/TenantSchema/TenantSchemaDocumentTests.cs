namespace Vigia.Tests.TenantSchema;

public sealed class TenantSchemaDocumentTests(TenantDatabases databases) : IClassFixture<TenantDatabases>
{
    private const string RelationsSql = """
        SELECT CASE relkind WHEN 'r' THEN 'tables' WHEN 'i' THEN 'indexes' WHEN 'S' THEN 'sequences'
                            WHEN 't' THEN 'TOAST tables' END || ' ' || count(*)
        FROM (
            SELECT relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i', 'S')
            UNION ALL SELECT unnest(ARRAY['t', 'i']::"char"[]) FROM pg_class
                WHERE relnamespace = 'public'::regnamespace AND reltoastrelid <> 0
        ) AS r GROUP BY relkind
        """;

    [Fact]
    public async Task Document_MatchesTheModel() =>
        Assert.Equal(await WriteAsync(), await File.ReadAllTextAsync(Path(), TestContext.Current.CancellationToken));

    /// <summary>script/tenant-schema runs this.</summary>
    [Fact(Explicit = true)]
    public async Task Document_Write() =>
        await File.WriteAllTextAsync(Path(), await WriteAsync(), TestContext.Current.CancellationToken);

    private async Task<string> WriteAsync()
    {
        var found = await TenantSchemaTests.FoundAsync(await databases.SharedAsync(), RelationsSql);
        return TenantSchemaDocument.Write(found.ToDictionary(
            row => row[..row.LastIndexOf(' ')],
            row => int.Parse(row[(row.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture)));
    }

    private static string Path([System.Runtime.CompilerServices.CallerFilePath] string here = "") =>
        System.IO.Path.GetFullPath(
            System.IO.Path.Combine(System.IO.Path.GetDirectoryName(here)!, "../../docs/tenant-schema.md"));
}
