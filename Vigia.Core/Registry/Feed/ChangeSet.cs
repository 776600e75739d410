namespace Vigia.Core.Registry.Feed;

/// <summary>The topic of a change.</summary>
public enum ChangeTopic
{
    /// <summary>The state, progress or steps of an operation. Ids are operation ids.</summary>
    Operations,

    /// <summary>An operation on a tenant began, changed its state or ended. Ids are tenant ids.</summary>
    TenantWork,

    /// <summary>A tenant or the trash. Ids are tenant ids.</summary>
    Tenants,

    /// <summary>There may be an operation to claim. Without ids.</summary>
    Work,

    /// <summary>
    /// A member of staff, their sessions or tokens. Ids are those of accounts; empty for any account.
    /// </summary>
    Staff,

    /// <summary>A record was appended to the audit trail. Ids are tenant ids; empty for none.</summary>
    Audit,

    /// <summary>A service account or one of its tokens. Ids are those of the accounts.</summary>
    ServiceAccounts,
}

/// <summary>One change.</summary>
/// <param name="Topic">The kind of the changed rows.</param>
/// <param name="Id">The id of the changed row as text. Empty where the topic has no ids.</param>
public readonly record struct Change(ChangeTopic Topic, string Id);

/// <summary>The changes since the last read.</summary>
/// <param name="Everything">
/// Whether anything may have changed: at the first read, and when the connection was lost in the meantime. The
/// subscriber must read everything again.
/// </param>
/// <param name="Changes">The changes that arrived, each once.</param>
public sealed record ChangeSet(bool Everything, IReadOnlySet<Change> Changes)
{
    /// <summary>Anything may have changed.</summary>
    public static ChangeSet All { get; } = new(true, new HashSet<Change>());

    /// <summary>Nothing has changed.</summary>
    public static ChangeSet None { get; } = new(false, new HashSet<Change>());

    /// <summary>Whether something of this topic may have changed.</summary>
    public bool Concerns(ChangeTopic topic) => Everything || Changes.Any(change => change.Topic == topic);

    /// <summary>Whether the row with this id may have changed.</summary>
    public bool Concerns(ChangeTopic topic, object id) =>
        Everything || Changes.Contains(new Change(topic, id.ToString()!));

    /// <summary>The ids of the changed rows of a topic.</summary>
    public IEnumerable<string> Of(ChangeTopic topic) =>
        Changes.Where(change => change.Topic == topic).Select(change => change.Id);
}
