using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;

namespace Vigia.Portal.Components.Team;

/// <summary>
/// Chooses the access of a member of staff: roles with an explanation of each, and limit and last day where the roles
/// allow them.
/// </summary>
public sealed partial class AccessFields
{
    [Parameter, EditorRequired]
    public AccessForm Form { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    /// <summary>Raised when roles, limit or last day change.</summary>
    [Parameter]
    public EventCallback Changed { get; set; }

    private async Task ToggleAsync(string role, bool held)
    {
        if (held)
        {
            Form.Roles.Add(role);
        }
        else
        {
            Form.Roles.Remove(role);
        }

        await Changed.InvokeAsync();
    }
}
