using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Audit;

/// <summary>What a request with a key has committed. The answer can be built from it after a crash.</summary>
/// <param name="Action">The audited action.</param>
/// <param name="TenantId">The tenant that it concerns.</param>
/// <param name="OperationId">The operation that was queued or changed.</param>
/// <param name="After">The values of the audit record.</param>
public sealed record RequestEffect(string Action, int? TenantId, Guid? OperationId, JsonElement? After)
{
    /// <summary>Reads the stored form.</summary>
    public static RequestEffect Parse(string text) => JsonSerializer.Deserialize<RequestEffect>(text)!;

    /// <summary>
    /// Writes the effect to the key of its request. The caller commits both together: what a crash leaves is either
    /// nothing or the effect with its key.
    /// </summary>
    /// <exception cref="RuleException"><c>request_in_progress</c>: a later attempt holds the key.</exception>
    internal static async Task WriteAsync(
        MasterContext db, RequestKey request, IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken)
    {
        var effect = entries.LastOrDefault(entry => request.Effects.Contains(entry.Action));
        var text = effect is null ? null : AuditStored.Values(new Dictionary<string, object?>
        {
            [nameof(Action)] = effect.Action, [nameof(TenantId)] = effect.TenantId,
            [nameof(OperationId)] = effect.OperationId, [nameof(After)] = effect.After,
        });
        var held = await db.Database.ExecuteSqlAsync(
            $"""
            UPDATE portal.idempotent_requests
            SET alive_at = clock_timestamp(), effect = coalesce(CAST({text} AS jsonb), effect)
            WHERE staff_id = {request.StaffId} AND key = {request.Key} AND attempt = {request.Attempt}
            """, cancellationToken);
        if (held == 0)
        {
            throw new RuleException("request_in_progress");
        }
    }
}
