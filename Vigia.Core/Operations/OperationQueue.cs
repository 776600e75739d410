using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Operations;

/// <summary>
/// Queues operations in the transaction of their cause. When it commits, a trigger of the table wakes the workers.
/// </summary>
public sealed partial class OperationQueue(OperationCatalog catalog, TimeProvider time, ILogger<OperationQueue> logger)
{
    /// <summary>The priority of work that a person requested.</summary>
    public const int Person = 0;

    /// <summary>The priority of background work.</summary>
    public const int Background = 10;

    /// <summary>Adds an operation and its steps to <paramref name="db"/>. The caller saves and commits.</summary>
    /// <param name="db">The context of the transaction in which the cause is written.</param>
    /// <param name="actor">The actor who requests it.</param>
    /// <param name="kind">A kind with a registered definition.</param>
    /// <param name="tenant">The tenant of the operation. Null for an operation on no tenant or on many.</param>
    /// <param name="data">The data that the steps need. It is serialised and must not contain a secret.</param>
    /// <param name="priority"><see cref="Person"/> or <see cref="Background"/>.</param>
    public Operation Enqueue(
        MasterContext db, Actor actor, OperationKind kind, Tenant? tenant, object? data = null,
        int priority = Person) =>
        Enqueue(db, actor, kind, tenant is null ? null : OperationTarget.Of(tenant),
            data, priority);

    /// <inheritdoc cref="Enqueue(MasterContext, Actor, OperationKind, Tenant?, object?, int)"/>
    public Operation Enqueue(
        MasterContext db, Actor actor, OperationKind kind, OperationTarget? target, object? data, int priority) =>
        Add(db, actor, kind, target, data, priority, null);

    /// <summary>Queues a run of a recurring job.</summary>
    internal Operation EnqueueRun(MasterContext db, OperationKind kind, string job) =>
        Add(db, Actor.System, kind, null, null, Background, null, job);

    /// <summary>Queues background work that the operation <paramref name="parent"/> waits for.</summary>
    internal Operation EnqueueChild(
        MasterContext db, Actor actor, OperationKind kind, Tenant tenant, object? data, Guid parent) =>
        Add(db, actor, kind, OperationTarget.Of(tenant), data, Background, parent);

    private Operation Add(
        MasterContext db, Actor actor, OperationKind kind, OperationTarget? target, object? data, int priority,
        Guid? parent, string? job = null)
    {
        var trace = Activity.Current;
        var operation = new Operation
        {
            Kind = kind,
            State = OperationState.Queued,
            TenantId = target?.TenantId,
            Ruc = target?.Ruc,
            Subdomain = target?.Subdomain,
            ServerId = target?.ServerId ?? ServerConnections.MasterServerId,
            ParentId = parent,
            Job = job,
            RequestedBy = actor.StaffId,
            RequestedByName = actor.Name,
            TraceId = (trace?.TraceId ?? ActivityTraceId.CreateRandom()).ToHexString(),
            ParentSpanId = trace?.SpanId.ToHexString(),
            Data = data is null ? "{}" : JsonSerializer.Serialize(data),
            Priority = priority,
            CreatedAt = time.GetUtcNow(),
        };
        var ordinal = 0;
        foreach (var step in catalog[kind].StepsFor(operation))
        {
            operation.Steps.Add(
                new OperationStep { OperationId = operation.Id, Ordinal = ordinal++, Name = step.Name });
        }

        db.Set<Operation>().Add(operation);
        using (logger.BeginScope(Scope(operation)))
        {
            LogRequested(logger, kind, actor.Name);
        }

        return operation;
    }

    /// <summary>The values that every log line about an operation carries, from the click to the last step.</summary>
    internal static Dictionary<string, object?> Scope(Operation operation) => new()
    {
        ["TenantId"] = operation.TenantId,
        ["Subdominio"] = operation.Subdomain,
        ["OperationId"] = operation.Id,
        ["TraceId"] = operation.TraceId,
    };

    [LoggerMessage(Level = LogLevel.Information, Message = "Operation {Kind} was requested by {Who}")]
    private static partial void LogRequested(ILogger logger, OperationKind kind, string who);
}

/// <summary>The tenant of an operation, as history keeps it.</summary>
public sealed record OperationTarget(int TenantId, string? Ruc, string? Subdomain, int ServerId)
{
    /// <summary>A tenant in the registry. One without a database is on the master's server.</summary>
    public static OperationTarget Of(Tenant tenant) =>
        new(tenant.Id, tenant.Ruc, tenant.Subdomain, tenant.ServerId ?? ServerConnections.MasterServerId);

    /// <summary>A tenant in the trash.</summary>
    public static OperationTarget Of(TrashedTenant trashed) =>
        new(trashed.Id, trashed.Ruc, trashed.Subdomain, trashed.ServerId);
}
