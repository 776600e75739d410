using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Adoption;

/// <summary>The statements that a person signs before an adoption.</summary>
/// <param name="Backup">The external backup.</param>
/// <param name="KeepsOwner">Whether the product keeps the role that owns the database.</param>
public sealed record Approval(string Backup = "", bool KeepsOwner = false);

/// <summary>The fields of an <see cref="Approval"/>.</summary>
public sealed partial class ApprovalFields
{
    /// <summary>The beginning of the ids of the fields.</summary>
    [Parameter, EditorRequired]
    public string Id { get; set; } = "";

    [Parameter, EditorRequired]
    public Approval Value { get; set; } = new();

    [Parameter]
    public EventCallback<Approval> ValueChanged { get; set; }

    [Parameter]
    public string? BackupError { get; set; }

    [Parameter]
    public string? OwnerError { get; set; }

    private Task ChangeAsync(Approval value) => ValueChanged.InvokeAsync(value);
}
