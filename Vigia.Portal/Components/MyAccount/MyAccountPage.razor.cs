using Microsoft.AspNetCore.Components;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Account;

namespace Vigia.Portal.Components.MyAccount;

/// <summary>How one signs in: second factor, passkeys, password; and the way to one's API tokens.</summary>
public sealed partial class MyAccountPage
{
    private Actor? _actor;

    [Inject]
    private StaffSession Session { get; set; } = default!;

    protected override async Task OnInitializedAsync() => _actor = await Session.ActorAsync();
}
