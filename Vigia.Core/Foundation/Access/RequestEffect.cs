using System.Text.Json;

namespace Vigia.Core.Foundation.Access;

/// <summary>The effect that a call has committed. Its answer can be built from it.</summary>
/// <param name="Action">The audited action.</param>
/// <param name="TenantId">The tenant that it concerns.</param>
/// <param name="OperationId">The operation that was queued or changed.</param>
/// <param name="After">The values of the audit record.</param>
public sealed record RequestEffect(string Action, int? TenantId, Guid? OperationId, JsonElement? After)
{
    /// <summary>Reads the stored form.</summary>
    public static RequestEffect Parse(string text) => JsonSerializer.Deserialize<RequestEffect>(text)!;
}

/// <summary>
/// Remembers what a call has committed. From then on the call is done, and nothing that fails afterwards may be
/// answered as if it were not.
/// </summary>
/// <param name="actions">The audited actions that complete the call.</param>
public sealed class CallEffect(IReadOnlySet<string> actions)
{
    /// <summary>The audited actions that complete the call.</summary>
    public IReadOnlySet<string> Actions => actions;

    /// <summary>The committed effect. Null while nothing was committed that completes the call.</summary>
    public RequestEffect? Committed { get; set; }
}
