using System.Text.Json;
using System.Text.Json.Nodes;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Text;

namespace Vigia.Core.Registry.Audit;

/// <summary>
/// Leaves out what a person with access to chosen tenants may not know. The parts of a message name what holds a
/// database or a role, which may be in another tenant's database. Such a person learns only that there is a holder.
/// </summary>
internal static class AuditRedaction
{
    private const string Parts = "parts";

    /// <summary>
    /// The record as this person may see it. When something was left out, it has no hashed text either, which would say
    /// it.
    /// </summary>
    public static AuditEvent For(Actor actor, AuditEvent record) =>
        actor.TenantScope is null || !(Names(record.After) || Names(record.Before)) ? record : new AuditEvent
        {
            Seq = record.Seq, At = record.At, ActorId = record.ActorId, ActorName = record.ActorName,
            ActorAddress = record.ActorAddress, Action = record.Action, TenantId = record.TenantId, Ruc = record.Ruc,
            Subdomain = record.Subdomain, Before = WithoutParts(record.Before), After = WithoutParts(record.After),
            Reason = record.Reason, OperationId = record.OperationId, TraceId = record.TraceId, Via = record.Via,
            SignatureMeaning = record.SignatureMeaning, SignedWith = record.SignedWith,
            PreviousHash = record.PreviousHash, Hash = record.Hash,
        };

    private static bool Names(string? values) => values?.Contains($"\"{Parts}\"", StringComparison.Ordinal) == true;

    private static string? WithoutParts(string? values)
    {
        if (!Names(values))
        {
            return values;
        }

        var read = JsonNode.Parse(values!, documentOptions: StorableJson.AnyDepth);
        Remove(read);
        return read?.ToJsonString(new JsonSerializerOptions { MaxDepth = int.MaxValue });
    }

    private static void Remove(JsonNode? node)
    {
        var waiting = new Stack<JsonNode?>([node]);
        while (waiting.TryPop(out var next))
        {
            switch (next)
            {
                case JsonObject values:
                    values.Remove(Parts);
                    values.Select(pair => pair.Value).ToList().ForEach(waiting.Push);
                    break;
                case JsonArray items:
                    items.ToList().ForEach(waiting.Push);
                    break;
                default:
                    break;
            }
        }
    }
}
