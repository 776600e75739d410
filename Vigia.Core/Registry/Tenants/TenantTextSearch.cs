using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Tenants;

/// <summary>
/// Finds tenants by text: each word must occur in the RUC, legal name, sub-domain or e-mail address. Case, accents and
/// dots are ignored; other punctuation separates words.
/// </summary>
internal sealed class TenantTextSearch
{
    /// <summary>
    /// Up to this many matches are read first, by their ids, and then sorted. For more, the list is read in its order
    /// until a page is full, which takes few rows when so many match.
    /// </summary>
    public const int Few = 2_000;

    private readonly string[] _words;
    private readonly int[]? _few;

    private TenantTextSearch(string[] words, int[]? few = null) => (_words, _few) = (words, few);

    /// <summary>
    /// The ids of the tenants of the registry that match. Null when there are many, or the search was not prepared.
    /// </summary>
    public IReadOnlyList<int>? Ids => _few;

    /// <summary>Whether the text has no letter and no digit, although there is one. It finds nothing.</summary>
    public static bool IsWordless(string? text) =>
        !string.IsNullOrWhiteSpace(text) && SafeText.SearchWords(text).Length == 0;

    /// <summary>A search that was not prepared. It is right for every text, and quick for rare ones.</summary>
    public static TenantTextSearch Of(string? text) => new(SafeText.SearchWords(text ?? ""));

    /// <summary>Looks how many tenants match, which decides how they are read.</summary>
    public static async Task<TenantTextSearch> PrepareAsync(
        MasterContext db, string? text, CancellationToken cancellationToken)
    {
        var search = Of(text);
        if (search._words.Length == 0)
        {
            return search;
        }

        var ids = await ReadIdsAsync(db, search._words, cancellationToken);
        return ids.Length > Few ? search : new TenantTextSearch(search._words, ids);
    }

    // Sorted, so that the planner has no reason to read the whole table when it takes the word for a common one.
    // Planned for these words: the session keeps the statement, and a plan for any words would not use the index.
    private static async Task<int[]> ReadIdsAsync(
        MasterContext db, string[] words, CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var batch = new NpgsqlBatch(
                (NpgsqlConnection)db.Database.GetDbConnection(),
                (NpgsqlTransaction?)db.Database.CurrentTransaction?.GetDbTransaction());
            batch.BatchCommands.Add(new("SELECT set_config('plan_cache_mode', 'force_custom_plan', true)"));
            var found = new NpgsqlBatchCommand(IdsSql(words));
            Array.ForEach(words, word => found.Parameters.Add(new NpgsqlParameter<string> { TypedValue = word }));
            batch.BatchCommands.Add(found);
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            await reader.NextResultAsync(cancellationToken);
            var ids = new List<int>();
            while (await reader.ReadAsync(cancellationToken))
            {
                ids.Add(reader.GetInt32(0));
            }

            return [.. ids];
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    /// <summary>The statement that finds the first ids. Its parameters are the words.</summary>
    internal static string IdsSql(string[] words) =>
        "SELECT id FROM portal.tenant_search WHERE "
        + string.Join(" AND ", words.Select((word, i) =>
            word.Length < 3 ? $"grams @> ARRAY[${i + 1}]" : $"folded LIKE '%' || ${i + 1} || '%'"))
        + $" ORDER BY id LIMIT {Few + 1}";

    /// <summary>Filters tenants of the registry. Returns all when there is no text.</summary>
    public IQueryable<Tenant> Match(MasterContext db, IQueryable<Tenant> tenants)
    {
        if (_few is { } ids)
        {
            return tenants.Where(t => ids.Contains(t.Id));
        }

        var texts = Texts(db);
        return _words.Length == 0 ? tenants : tenants.Where(t => texts.Any(s => s.Id == t.Id));
    }

    /// <summary>Filters tenants in the trash. Returns all when there is no text.</summary>
    public static IQueryable<TrashedTenant> Match(IQueryable<TrashedTenant> trash, string? text) =>
        IsWordless(text) ? trash.Where(_ => false) : SafeText.SearchWords(text ?? "").Aggregate(
            trash, (all, word) =>
                all.Where(t => MasterContext.SearchText(
                    t.Ruc, t.LegalName, t.Subdomain, MasterContext.JsonMember(t.Row, "correo_acceso"))
                    .Contains(word)));

    // The index of the text has groups of three characters, that of the grams has single ones and pairs.
    private IQueryable<TenantSearchText> Texts(MasterContext db) =>
        _words.Aggregate(
            db.Set<TenantSearchText>().AsQueryable(),
            (all, word) => word.Length < 3 ? all.Where(s => s.Grams.Contains(word))
                : all.Where(s => EF.Functions.Like(s.Folded, "%" + word + "%")));
}
