using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.Tokens;

namespace Vigia.Portal.Components.Tokens;

/// <summary>The number of the person's active API tokens, with a link to them.</summary>
public sealed partial class TokensSection(ApiTokens tokens, TimeProvider time)
{
    private int? _working;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override async Task OnInitializedAsync()
    {
        var now = time.GetUtcNow();
        _working = (await FetchAsync(until => tokens.ListAsync(Actor, until))).Count(token => token.WorksAt(now));
    }
}
