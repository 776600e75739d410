namespace Vigia.Core.Foundation.Access;

/// <summary>
/// One attempt at a request that must not be done twice. The effect of the request is written to its key in the same
/// transaction.
/// </summary>
/// <param name="StaffId">The caller.</param>
/// <param name="Key">The caller's own key.</param>
/// <param name="Attempt">The attempt that holds the key. One that lost it to a later attempt can't commit.</param>
/// <param name="Effects">The audited actions that complete the request.</param>
public sealed record RequestKey(Guid StaffId, string Key, Guid Attempt, IReadOnlySet<string> Effects);
