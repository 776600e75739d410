using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.SignIn;

/// <summary>Shows why a sign-in step failed.</summary>
public sealed partial class SignInNotice
{
    /// <summary>Too many attempts: the number of seconds to wait.</summary>
    [Parameter]
    public int? Seconds { get; set; }

    [Parameter]
    public string? Text { get; set; }

    [Parameter]
    public string? Advice { get; set; }
}
