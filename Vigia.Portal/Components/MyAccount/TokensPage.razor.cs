using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Errors;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Account;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.MyAccount;

/// <summary>One's own tokens for the HTTP API.</summary>
public sealed partial class TokensPage
{
    private Actor? _actor;
    private IReadOnlyList<ApiTokenView>? _tokens;

    // Only here, and gone with the page: nothing of it is stored.
    private ShownToken? _shown;

    [Inject]
    private StaffSession Session { get; set; } = default!;

    [Inject]
    private ApiTokens Tokens { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    private IReadOnlyList<ApiTokenView> Working => [.. _tokens!.Where(token => token.WorksAt(Page.Time.GetUtcNow()))];

    private IReadOnlyList<ApiTokenView> Ended => [.. _tokens!.Where(token => !token.WorksAt(Page.Time.GetUtcNow()))];

    protected override Task OnInitializedAsync() => ReadAsync();

    private async Task ReadAsync()
    {
        _actor = await Session.ActorAsync();
        _tokens = await Tokens.ListAsync(_actor, Ending);
    }

    private async Task CreateAsync()
    {
        var made = await Page.AskAsync<TokenDialog, ShownToken>(new DialogParameters<TokenDialog> { { dialog => dialog.Actor, await Session.ActorAsync() } });
        _shown = made ?? _shown;
        await ReadAsync();
    }

    private async Task RevokeAsync(ApiTokenView token)
    {
        var request = new ConfirmRequest(T["TokenRevokeTitle", token.Name], T["TokenRevokeEffect"], T["TokenRevoke"]) { Destructive = true };
        if (await Page.ConfirmAsync(request) is null)
        {
            return;
        }

        try
        {
            await Tokens.RevokeAsync(await Session.ActorAsync(), token.Id, Ending);
            _shown = _shown?.Issued.Id == token.Id ? null : _shown;
            Page.Say(T["TokenRevokeDone", token.Name]);
        }
        catch (RuleException refusal)
        {
            Page.Refuse(refusal);
        }

        await ReadAsync();
    }
}
