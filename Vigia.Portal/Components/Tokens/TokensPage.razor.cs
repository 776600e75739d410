using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.Tokens;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tokens;

/// <summary>The person's own API tokens.</summary>
public sealed partial class TokensPage(
    StaffSession session, ApiTokens tokens, PageDialogs dialogs, PageNotices notices, TimeProvider time)
{
    private readonly LatestRead _reading = new();
    private Actor? _actor;
    private IReadOnlyList<ApiTokenView>? _tokens;

    // Kept by this page only and never stored.
    private ShownToken? _shown;

    private IReadOnlyList<ApiTokenView> Working => [.. _tokens!.Where(token => token.WorksAt(time.GetUtcNow()))];

    private IReadOnlyList<ApiTokenView> Ended => [.. _tokens!.Where(token => !token.WorksAt(time.GetUtcNow()))];

    protected override Task OnInitializedAsync() => ReadAsync();

    private async Task ReadAsync()
    {
        _actor = await session.ActorAsync();
        await ReadAsync(_reading, until => tokens.ListAsync(_actor, until), listed => _tokens = listed);
    }

    private async Task CreateAsync()
    {
        var made = await dialogs.AskAsync<TokenDialog, ShownToken>(
            new DialogParameters<TokenDialog> { { dialog => dialog.Actor, await session.ActorAsync() } });
        _shown = made ?? _shown;
        await ReadAsync();
    }

    private async Task RevokeAsync(ApiTokenView token)
    {
        var name = token.Name ?? T["TokenOfSignIn"];
        var request = new ConfirmRequest(
            T["TokenRevokeTitle", name], T["TokenRevokeEffect"], T["TokenRevoke"])
        { Subject = name, Destructive = true };
        await dialogs.ConfirmAsync(request, async _ =>
        {
            await tokens.RevokeAsync(await session.ActorAsync(), token.Id, CancellationToken.None);
            _shown = _shown?.Issued.Id == token.Id ? null : _shown;
            notices.Say(T["TokenRevokeDone", name]);
        });
        await ReadAsync();
    }
}
