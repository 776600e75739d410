using Microsoft.AspNetCore.Components;
using Vigia.Core.Staff.Team;

namespace Vigia.Portal.Components.Team;

/// <summary>The outcome of a change to a person's access: a link, or a request that waits for approval.</summary>
public sealed partial class OutcomePanel
{
    private LinkPanel? _panel;

    [Parameter, EditorRequired]
    public StaffOutcome Outcome { get; set; } = default!;

    /// <summary>Whether the person had a password before.</summary>
    [Parameter]
    public bool IsRecovery { get; set; }

    /// <summary>Copies the message with the link to the clipboard.</summary>
    public Task CopyAsync() => _panel!.CopyAsync();
}
