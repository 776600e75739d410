using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Staff.Team;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Team;

/// <summary>A one-time link inside a message that is ready to send to the person. It is shown only once.</summary>
public sealed partial class LinkPanel(VigiaSettings settings, NavigationManager navigation, BrowserCalls browser)
{
    private bool? _copied;

    [Parameter, EditorRequired]
    public StaffLink Link { get; set; } = default!;

    /// <summary>Whether the person had a password before.</summary>
    [Parameter]
    public bool IsRecovery { get; set; }

    private string Url =>
        $"{Base.TrimEnd('/')}{PortalUrls.Invitation}?token={Link.Token}";

    private string Base => settings.PortalBaseUrl?.ToString() ?? navigation.BaseUri;

    private string MessageText =>
        T[IsRecovery ? "RecoveryText" : "InvitationText", Link.FullName, Link.Email, LimaTime.Exact(Link.ExpiresAt),
        Url];

    /// <summary>Copies the message to the clipboard and announces it.</summary>
    public async Task CopyAsync()
    {
        _copied = await browser.AskOnceAsync<bool>("vigia.copy", Ending, MessageText);
        StateHasChanged();
    }
}
