using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Tenancy;

/// <summary>
/// A request can't reach the database of its tenant. The code and the status of HTTP are those of its
/// <see cref="TenantRefusal"/>. See docs/rules.md#tenant-resolution.
/// </summary>
public sealed class TenantRefusedException(TenantRefusal refusal, params IReadOnlyList<string> args)
    : RuleException(TenantRefusals.CodeOf(refusal) ?? throw new ArgumentOutOfRangeException(nameof(refusal)), args)
{
    public TenantRefusal Refusal { get; } = refusal;

    /// <summary>When to ask again. Null when asking again soon is of no use.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
