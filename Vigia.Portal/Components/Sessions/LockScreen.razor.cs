using System.Globalization;
using Microsoft.AspNetCore.Components;
using Vigia.Core.Staff.Sessions;

namespace Vigia.Portal.Components.Sessions;

/// <summary>Covers every tab of a locked session.</summary>
public sealed partial class LockScreen(SessionGate gate)
{
    [CascadingParameter]
    private HttpContext HttpContext { get; set; } = default!;

    private string LimitSeconds => gate.LockAfter.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);

    private string HasPasskey => HttpContext.Features.Get<SessionStanding>()?.HasPasskey == true ? "true" : "false";

    // The page starts its idle counter at the server's value: a page that reloads itself is no activity of the person.
    private string IdleSeconds =>
        (HttpContext.Features.Get<SessionStanding>()?.Idle.TotalSeconds ?? 0)
        .ToString("0", CultureInfo.InvariantCulture);
}
