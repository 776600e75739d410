using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Account;

/// <summary>Why a step of signing in did not go on.</summary>
public sealed partial class SignInNotice
{
    /// <summary>Tried too often: after how many seconds it may be tried again.</summary>
    [Parameter]
    public int? Seconds { get; set; }

    /// <summary>The account is locked, and until when.</summary>
    [Parameter]
    public DateTimeOffset? LockedUntil { get; set; }

    [Parameter]
    public string? Text { get; set; }

    [Parameter]
    public string? Advice { get; set; }
}
