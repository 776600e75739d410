using Vigia.Core.Foundation.Text;

namespace Vigia.Core.Registry.Audit;

/// <summary>A word to find in records.</summary>
/// <param name="Text">The word as searches compare it.</param>
/// <param name="Actions">Actions whose name has the word in the reader's language. Their records match too.</param>
public sealed record AuditWord(string Text, string[] Actions);

/// <summary>The filter for records of the trail.</summary>
public sealed record AuditFilter
{
    /// <summary>The id of a member of staff, or a part of the actor's name, ignoring case and accents.</summary>
    public string? Actor { get; init; }

    /// <summary>
    /// Words that must all occur in the actor, the tenant's names, the reason or the changed values. They are compared
    /// with a limited number of records at a time.
    /// </summary>
    public IReadOnlyList<AuditWord> Words { get; init; } = [];

    /// <summary>
    /// Whether a list shows what an operation on many tenants recorded about each of them as one row. It does so only
    /// where neither tenants nor text are asked for.
    /// </summary>
    public bool IsFolded { get; init; }

    /// <summary>Text that finds tenants of the registry or the trash, as the list of tenants does.</summary>
    public string? Tenant { get; init; }

    /// <summary>An action (<c>tenant.created</c>), or all actions of a group (<c>tenant.</c>).</summary>
    public string? Action { get; init; }
    public int? TenantId { get; init; }
    public Guid? OperationId { get; init; }
    public string? TraceId { get; init; }

    /// <summary>The first moment.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The moment after the last one.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Whether to show only signed records.</summary>
    public bool SignedOnly { get; init; }

    /// <summary>The last place. It keeps the pages of one view stable while records are added.</summary>
    public long? UpTo { get; init; }

    /// <summary>The words of a text. A text of punctuation alone is one word, which no record has.</summary>
    /// <param name="text">The text that a person typed.</param>
    /// <param name="actionsOf">Finds the actions whose name has a word in the reader's language.</param>
    public static IReadOnlyList<AuditWord> WordsOf(string? text, Func<string, string[]> actionsOf) =>
        string.IsNullOrWhiteSpace(text) ? []
            : SafeText.SearchWords(text) is { Length: > 0 } words
                ? [.. words.Select(w => new AuditWord(w, actionsOf(w)))] : [new AuditWord(text, [])];

    /// <summary>
    /// The filter as the audit record of an export stores it. Contains only the conditions that were set.
    /// </summary>
    internal Dictionary<string, object?> Audited() => new Dictionary<string, object?>
    {
        ["actor"] = SafeText.Storable(Actor), ["tenant"] = SafeText.Storable(Tenant),
        ["action"] = SafeText.Storable(Action), ["tenant_id"] = TenantId,
        ["operation_id"] = OperationId, ["trace_id"] = SafeText.Storable(TraceId), ["from"] = From, ["to"] = To,
        ["signed"] = SignedOnly ? true : null,
        ["q"] = Words.Count > 0 ? string.Join(' ', Words.Select(w => w.Text)) : null,
    }.Where(pair => pair.Value is not null).ToDictionary();
}
