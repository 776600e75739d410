using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Tokens;

/// <summary>Chooses the rights of a token from those of the person, grouped by their effect.</summary>
public sealed partial class TokenRights
{
    [Parameter, EditorRequired]
    public TokenForm Form { get; set; } = default!;
}
