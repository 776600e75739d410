using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Audit;

/// <summary>Passes the effects that a call commits to the key of its request, and to the call.</summary>
internal static class RequestEffects
{
    /// <summary>
    /// Writes the effect to the key of its request. The caller commits both together, so that a crash leaves either
    /// nothing or the effect with its key.
    /// </summary>
    /// <exception cref="RuleException"><c>request_in_progress</c>: a later attempt holds the key.</exception>
    internal static async Task WriteAsync(
        MasterContext db, RequestKey request, IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken)
    {
        var effect = Find(entries, request.Effects);
        var text = effect is null ? null : AuditStored.Values(new Dictionary<string, object?>
        {
            [nameof(RequestEffect.Action)] = effect.Action, [nameof(RequestEffect.TenantId)] = effect.TenantId,
            [nameof(RequestEffect.OperationId)] = effect.OperationId, [nameof(RequestEffect.After)] = effect.After,
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

    /// <summary>Tells the call that it is done. Comes right after the COMMIT.</summary>
    internal static void Remember(Actor actor, IReadOnlyList<AuditEntry> entries)
    {
        if (actor.Call is { } call && Find(entries, call.Actions) is { } effect)
        {
            call.Committed = new RequestEffect(
                effect.Action, effect.TenantId, effect.OperationId,
                AuditStored.Values(effect.After) is { } after ? JsonElement.Parse(after) : null);
        }
    }

    private static AuditEntry? Find(IReadOnlyList<AuditEntry> entries, IReadOnlySet<string> actions) =>
        entries.LastOrDefault(entry => actions.Contains(entry.Action));
}
