using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Vigia.Core.Configuration;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Team;

/// <summary>A one-time link as the finished message to the person; shown this once.</summary>
public sealed partial class LinkPanel
{
    private bool? _copied;

    [Parameter, EditorRequired]
    public StaffLink Link { get; set; } = default!;

    /// <summary>They had a password before.</summary>
    [Parameter]
    public bool IsRecovery { get; set; }

    [Inject]
    private VigiaSettings Settings { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    private string Url => $"{(Settings.PortalBaseUrl?.ToString() ?? Navigation.BaseUri).TrimEnd('/')}{PortalUrls.Invitation}?token={Link.Token}";

    private string MessageText => T[IsRecovery ? "RecoveryText" : "InvitationText", Link.FullName, Link.Email, LimaTime.Exact(Link.ExpiresAt), Url];

    /// <summary>Puts the message on the clipboard and says so.</summary>
    public async Task CopyAsync()
    {
        _copied = await Page.JS.InvokeAsync<bool>("vigia.copy", Ending, MessageText);
        StateHasChanged();
    }
}
