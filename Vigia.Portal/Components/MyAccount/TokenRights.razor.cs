using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.MyAccount;

/// <summary>Chooses what a token may: of what the person may, grouped by what it leads to.</summary>
public sealed partial class TokenRights
{
    [Parameter, EditorRequired]
    public TokenForm Form { get; set; } = default!;
}
