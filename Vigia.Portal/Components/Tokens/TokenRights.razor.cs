using Microsoft.AspNetCore.Components;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tokens;

/// <summary>Chooses the rights of a token from those of the person, grouped by their effect.</summary>
public sealed partial class TokenRights
{
    [Parameter, EditorRequired]
    public TokenForm Form { get; set; } = default!;

    [CascadingParameter]
    private DraftForm? Draft { get; set; }

    private static string IdOf(string right) => $"right-{right}";

    private void Choose(Action choose)
    {
        choose();
        Draft?.Keep(Form.All.ToDictionary(IdOf, right => Form.Rights.Contains(right) ? "true" : "false"));
    }
}
