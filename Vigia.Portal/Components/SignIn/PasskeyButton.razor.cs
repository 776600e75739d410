using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.SignIn;

/// <summary>Signs in with a passkey, without a name or a password.</summary>
public sealed partial class PasskeyButton
{
    [Parameter]
    public string? ReturnUrl { get; set; }

    /// <summary>Whether the button stands below another way to sign in.</summary>
    [Parameter]
    public bool Divided { get; set; }
}
