using System.Linq.Expressions;

namespace Vigia.Core.Registry.Tenants;

/// <summary>
/// An adoption without what the database was before, which is 50 KB and more. Lists, pages and decisions read this one;
/// only the operations that need <see cref="TenantAdoption.Before"/> read the whole row.
/// </summary>
public sealed record AdoptionSummary
{
    public Guid Id { get; init; }

    public required string DatabaseName { get; init; }

    /// <inheritdoc cref="TenantAdoption.KeepsOwner"/>
    public bool KeepsOwner { get; init; }

    /// <inheritdoc cref="TenantAdoption.BackupStatement"/>
    public required string BackupStatement { get; init; }

    /// <inheritdoc cref="TenantAdoption.AdoptedAt"/>
    public DateTimeOffset? AdoptedAt { get; init; }

    /// <inheritdoc cref="TenantAdoption.UndoUntil"/>
    public DateTimeOffset? UndoUntil { get; init; }

    public DateTimeOffset? ConfirmedAt { get; init; }

    /// <inheritdoc cref="TenantAdoption.CompletedAt"/>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <inheritdoc cref="TenantAdoption.UndoBegunAt"/>
    public DateTimeOffset? UndoBegunAt { get; init; }

    /// <inheritdoc cref="TenantAdoption.EndedAt"/>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Selects it in a query. Null for an outer join that found no adoption.</summary>
    internal static Expression<Func<TenantAdoption?, AdoptionSummary?>> Of { get; } =
        a => a == null ? null : new AdoptionSummary
        {
            Id = a.Id,
            DatabaseName = a.DatabaseName,
            KeepsOwner = a.KeepsOwner,
            BackupStatement = a.BackupStatement,
            AdoptedAt = a.AdoptedAt,
            UndoUntil = a.UndoUntil,
            ConfirmedAt = a.ConfirmedAt,
            CompletedAt = a.CompletedAt,
            UndoBegunAt = a.UndoBegunAt,
            EndedAt = a.EndedAt,
        };

    private static readonly Func<TenantAdoption?, AdoptionSummary?> Compiled = Of.Compile();

    /// <summary>The summary of a whole row.</summary>
    internal static AdoptionSummary From(TenantAdoption adoption) => Compiled(adoption)!;

    /// <summary>How far it is at a moment.</summary>
    public AdoptionStage StageAt(DateTimeOffset now) => this switch
    {
        { EndedAt: not null } => AdoptionStage.None,
        { UndoBegunAt: not null } => AdoptionStage.Undoing,
        { AdoptedAt: null } => AdoptionStage.Begun,
        { CompletedAt: not null } => AdoptionStage.Completed,
        { ConfirmedAt: not null } => AdoptionStage.Confirmed,
        _ => UndoUntil <= now ? AdoptionStage.Confirmed : AdoptionStage.Adopted,
    };
}
