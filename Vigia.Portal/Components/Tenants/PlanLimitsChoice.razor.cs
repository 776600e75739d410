using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Tenants;

namespace Vigia.Portal.Components.Tenants;

/// <summary>
/// Says how a change of plan changes the limits, "usuarios: 20 → 100", and lets the present ones stay.
/// </summary>
public sealed partial class PlanLimitsChoice
{
    [Parameter, EditorRequired]
    public string Id { get; set; } = "";

    /// <summary>The limits as they are.</summary>
    [Parameter, EditorRequired]
    public TenantDetails Before { get; set; } = default!;

    /// <summary>The limits as they will be.</summary>
    [Parameter, EditorRequired]
    public TenantDetails After { get; set; } = default!;

    /// <summary>Whether the present limits stay.</summary>
    [Parameter]
    public bool Keeps { get; set; }

    [Parameter]
    public EventCallback<bool> KeepsChanged { get; set; }

    private IReadOnlyList<LimitChange> Changes => Before.LimitChanges(After);

    private Task ChooseAsync(ChangeEventArgs e) => KeepsChanged.InvokeAsync(e.Value is true);

    private string Words(LimitChange change) =>
        T["LimitChange", Message.FieldNames([change.Field]), TenantWords.Limit(change.Before, T),
            TenantWords.Limit(change.After, T)];
}
