using Microsoft.AspNetCore.Components;
using Vigia.Core.Staff;

namespace Vigia.Portal.Components.Team;

/// <summary>Chooses what a member of staff may: each role with what it means; limit and last day where the roles allow them.</summary>
public sealed partial class AccessFields
{
    [Parameter, EditorRequired]
    public AccessForm Form { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    private void Toggle(string role, bool held)
    {
        if (held)
        {
            Form.Roles.Add(role);
        }
        else
        {
            Form.Roles.Remove(role);
        }
    }
}
