using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Staff.Tokens;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tokens;

/// <summary>The person's own API tokens.</summary>
public sealed partial class TokensPage
{
    private readonly LatestRead _reading = new();
    private Actor? _actor;
    private IReadOnlyList<ApiTokenView>? _tokens;

    // Kept by this page only and never stored.
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
        await ReadAsync(_reading, until => Tokens.ListAsync(_actor, until), tokens => _tokens = tokens);
    }

    private async Task CreateAsync()
    {
        var made = await Page.AskAsync<TokenDialog,
        ShownToken>(new DialogParameters<TokenDialog> { { dialog => dialog.Actor, await Session.ActorAsync() } });
        _shown = made ?? _shown;
        await ReadAsync();
    }

    private async Task RevokeAsync(ApiTokenView token)
    {
        var request = new ConfirmRequest(
            T["TokenRevokeTitle", token.Name], T["TokenRevokeEffect"], T["TokenRevoke"])
        { Destructive = true };
        if (await Page.ConfirmAsync(request) is null)
        {
            return;
        }

        try
        {
            await Tokens.RevokeAsync(await Session.ActorAsync(), token.Id, CancellationToken.None);
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
