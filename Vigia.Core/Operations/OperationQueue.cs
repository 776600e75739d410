using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Vigia.Core.Master;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;

namespace Vigia.Core.Operations;

/// <summary>Puts work into the queue, in the transaction of its cause: when that commits, workers are woken by the table's trigger.</summary>
public sealed partial class OperationQueue(OperationCatalog catalog, TimeProvider time, ILogger<OperationQueue> logger)
{
    /// <summary>Priority of a person's work.</summary>
    public const int Person = 0;

    /// <summary>Priority of background work.</summary>
    public const int Background = 10;

    /// <summary>Adds an operation and its steps to <paramref name="db"/>; the caller saves and commits.</summary>
    /// <param name="db">The context of the transaction in which the cause is written.</param>
    /// <param name="actor">Who asked for it.</param>
    /// <param name="kind">A kind with a registered definition.</param>
    /// <param name="tenant">The client it works on; null for work on none or on many.</param>
    /// <param name="data">What the steps need; serialised, never a secret.</param>
    /// <param name="priority"><see cref="Person"/> or <see cref="Background"/>.</param>
    public Operation Enqueue(MasterContext db, Actor actor, string kind, Tenant? tenant, object? data = null, int priority = Person) =>
        Enqueue(db, actor, kind, tenant is null ? null : new OperationTarget(tenant.Id, tenant.Ruc, tenant.Subdomain), data, priority);

    /// <inheritdoc cref="Enqueue(MasterContext, Actor, string, Tenant?, object?, int)"/>
    public Operation Enqueue(MasterContext db, Actor actor, string kind, OperationTarget? target, object? data, int priority) =>
        Add(db, actor, kind, target, data, priority, null);

    /// <summary>Background work that the operation <paramref name="parent"/> waits for.</summary>
    internal Operation EnqueueChild(MasterContext db, Actor actor, string kind, Tenant tenant, object? data, Guid parent) =>
        Add(db, actor, kind, new OperationTarget(tenant.Id, tenant.Ruc, tenant.Subdomain), data, Background, parent);

    private Operation Add(MasterContext db, Actor actor, string kind, OperationTarget? target, object? data, int priority, Guid? parent)
    {
        var trace = Activity.Current;
        var operation = new Operation
        {
            Kind = kind,
            State = OperationState.Queued,
            TenantId = target?.TenantId,
            Ruc = target?.Ruc,
            Subdomain = target?.Subdomain,
            ServerId = 1,
            ParentId = parent,
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
            operation.Steps.Add(new OperationStep { OperationId = operation.Id, Ordinal = ordinal++, Name = step.Name });
        }

        db.Operations.Add(operation);
        using (logger.BeginScope(Scope(operation)))
        {
            LogAsked(logger, kind, actor.Name);
        }

        return operation;
    }

    /// <summary>What every line about an operation carries, from the click to the last step.</summary>
    internal static Dictionary<string, object?> Scope(Operation operation) => new()
    {
        ["TenantId"] = operation.TenantId,
        ["Subdominio"] = operation.Subdomain,
        ["OperationId"] = operation.Id,
        ["TraceId"] = operation.TraceId,
    };

    [LoggerMessage(Level = LogLevel.Information, Message = "Operation {Kind} asked for by {Who}")]
    private static partial void LogAsked(ILogger logger, string kind, string who);
}

/// <summary>Whom an operation works on, as history keeps it.</summary>
public sealed record OperationTarget(int TenantId, string? Ruc, string? Subdomain);
