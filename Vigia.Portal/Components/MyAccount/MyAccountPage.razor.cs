using Vigia.Core.Foundation.Access;
using Vigia.Portal.Components.Access;

namespace Vigia.Portal.Components.MyAccount;

/// <summary>
/// The person's own name and sign-in methods: second factor, passkeys and password. Links to their API tokens.
/// </summary>
public sealed partial class MyAccountPage(StaffSession session)
{
    private Actor? _actor;

    protected override async Task OnInitializedAsync() => _actor = await session.ActorAsync();
}
