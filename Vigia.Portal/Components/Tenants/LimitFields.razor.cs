using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Tenants;

/// <summary>The four limits as fields.</summary>
public sealed partial class LimitFields
{
    [Parameter, EditorRequired]
    public Func<string, string?> Error { get; set; } = default!;

    [Parameter]
    public EventCallback Changed { get; set; }

    [Parameter, EditorRequired]
    public LimitInputs Limits { get; set; } = default!;

    private string Invalid(string field) => Error(field) is null ? "false" : "true";

    private Task ChangedAsync() => Changed.InvokeAsync();
}
