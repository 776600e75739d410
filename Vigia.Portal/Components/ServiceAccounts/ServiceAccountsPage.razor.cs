using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Staff.ServiceAccounts;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.ServiceAccounts;

/// <summary>The service accounts: identities for programs, with their owners, tokens and last use.</summary>
// More than five dependencies: the list follows the master, and three actions ask and tell.
public sealed partial class ServiceAccountsPage(
    PageFeed feed, StaffSession session, ServiceAccountDirectory directory, ServiceAccountService accounts,
    PageDialogs dialogs, PageNotices notices) : LiveComponent(feed)
{
    private readonly LatestRead _reading = new();
    private IReadOnlyList<ServiceAccountView>? _accounts;

    // Kept by this page only and never stored.
    private IssuedServiceToken? _shown;

    // The names of the owners, and whether they have left, are those of staff.
    protected override Task OnInitializedAsync() =>
        FollowSharedAsync(ReadAsync, ChangeTopic.ServiceAccounts, ChangeTopic.Staff);

    private async Task ReadAsync()
    {
        var actor = await session.ActorAsync();
        await ReadAsync(
            _reading,
            until => Feed.SharedAsync(
                actor, new SharedQuestion("service-accounts", null, ChangeTopic.ServiceAccounts, ChangeTopic.Staff),
                reading => directory.ListAsync(actor, reading), until),
            listed => _accounts = listed);
    }

    private async Task CreateAsync() => await AskAsync(null);

    private async Task ChangeAsync(ServiceAccountView account) => await AskAsync(account);

    private async Task AskAsync(ServiceAccountView? account)
    {
        var answer = await dialogs.AskAsync<ServiceAccountDialog, ServiceAccountSaved>(
            new DialogParameters<ServiceAccountDialog>
            {
                { dialog => dialog.Actor, await session.ActorAsync() }, { dialog => dialog.Account, account },
            });
        if (answer is not null)
        {
            _shown = answer.Issued ?? _shown;
            notices.Say(T[account is null ? "Created" : "Changed", answer.Name]);
        }

        await ReadAsync();
    }

    private async Task IssueAsync(ServiceAccountView account)
    {
        _shown = await dialogs.AskAsync<ServiceTokenDialog, IssuedServiceToken>(
            new DialogParameters<ServiceTokenDialog>
            {
                { dialog => dialog.Actor, await session.ActorAsync() }, { dialog => dialog.Account, account },
            }) ?? _shown;
        await ReadAsync();
    }

    private async Task RevokeAsync(ServiceAccountView account, ServiceTokenView token)
    {
        var request = new ConfirmRequest(T["RevokeTitle", token.Prefix], T["RevokeEffect"], T["Revoke"])
        {
            Subject = account.Name, Destructive = true,
        };
        await ConfirmAsync(request, T["RevokeDone", account.Name], async actor =>
        {
            await accounts.RevokeAsync(actor, account.Id, token.Id, CancellationToken.None);
            _shown = _shown?.Id == token.Id ? null : _shown;
        });
    }

    private async Task EndAsync(ServiceAccountView account)
    {
        var request = new ConfirmRequest(T["EndTitle", account.Name], T["EndEffect"], T["End"])
        {
            Subject = account.Name, Destructive = true,
        };
        await ConfirmAsync(request, T["EndDone", account.Name], async actor =>
        {
            await accounts.EndAsync(actor, account.Id, CancellationToken.None);
            _shown = _shown?.AccountId == account.Id ? null : _shown;
        });
    }

    private async Task ConfirmAsync(ConfirmRequest request, string done, Func<Actor, Task> actAsync)
    {
        await dialogs.ConfirmAsync(request, async _ =>
        {
            await actAsync(await session.ActorAsync());
            notices.Say(done);
        });
        await ReadAsync();
    }
}
