using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Portal.Components.Access;

namespace Vigia.Portal.Components.MyAccount;

/// <summary>
/// The person's own sign-in methods: second factor, passkeys and password. Links to their API tokens.
/// </summary>
public sealed partial class MyAccountPage
{
    private Actor? _actor;

    [Inject]
    private StaffSession Session { get; set; } = default!;

    protected override async Task OnInitializedAsync() => _actor = await Session.ActorAsync();
}
