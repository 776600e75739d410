using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Portal.Components.SignIn.Oidc;

/// <summary>Signs in through the company's identity provider. Renders nothing when no provider is configured.</summary>
public sealed partial class OidcButton(IOptions<OidcOptions> options)
{
    [Parameter]
    public string? ReturnUrl { get; set; }

    /// <summary>
    /// Whether the provider should ask for the account again, because the account that it remembered could not be used
    /// here.
    /// </summary>
    [Parameter]
    public bool Another { get; set; }

    private string Address
    {
        get
        {
            var address = PortalUrls.Step(PortalUrls.OidcSignIn, ReturnUrl);
            return Another ? $"{address}{(ReturnUrl is null ? '?' : '&')}otra=true" : address;
        }
    }
}

/// <summary>The name of the provider that the company uses for it.</summary>
internal static class OidcName
{
    public static string Of(OidcOptions options, IStringLocalizer<OidcText> texts) =>
        options.DisplayName is { Length: > 0 } name ? name : texts["CompanyAccount"];
}
