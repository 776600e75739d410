using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Staff.ServiceAccounts;
using Vigia.Core.Staff.Signatures;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.ServiceAccounts;

/// <summary>Issues another token of a service account. Closes with it.</summary>
public sealed partial class ServiceTokenDialog(
    PageNotices notices, BrowserCalls browser, TimeProvider time, ServiceAccountService accounts)
    : DatedFormDialog(notices, browser)
{
    private const string EndsOnId = "service-token-ends";
    private MudButton? _cancel;
    private DayEntry _endsOn;
    private DateOnly _today;
    private DateOnly _latest;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Parameter, EditorRequired]
    public ServiceAccountView Account { get; set; } = default!;

    protected override string Subject => Account.Name;

    protected override string? UnreadableDay => _endsOn.IsUnreadable ? EndsOnId : null;

    private SignedAction What => ServiceAccountSigned.Token(Account.Id, _endsOn.Day);

    protected override void OnInitialized()
    {
        _today = LimaTime.DayOf(time.GetUtcNow());
        _latest = LimaTime.DayOf(Account.EndsAt);
        _endsOn = (DateOnly?)_latest;
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && _cancel is not null)
        {
            await _cancel.FocusAsync();
        }
    }

    private async Task IssueAsync()
    {
        await SubmitAsync(async () =>
        {
            var issued = await accounts.IssueAsync(Actor, Account.Id, _endsOn.Day, Proof, CancellationToken.None);
            Dialog.Close(DialogResult.Ok(issued));
        });
    }
}
