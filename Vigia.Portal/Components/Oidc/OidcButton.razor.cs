using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;
using Vigia.Core.Configuration;

namespace Vigia.Portal.Components.Oidc;

/// <summary>Signs in through the company's identity provider; nothing where none is configured.</summary>
public sealed partial class OidcButton
{
    [Parameter]
    public string? ReturnUrl { get; set; }

    /// <summary>Whether the provider should ask who it is: the account that it knows was of no use here.</summary>
    [Parameter]
    public bool Another { get; set; }

    [Inject]
    private IOptions<OidcOptions> Options { get; set; } = default!;

    private string Address
    {
        get
        {
            var address = PortalUrls.Step(PortalUrls.OidcSignIn, ReturnUrl);
            return Another ? $"{address}{(ReturnUrl is null ? '?' : '&')}otra=true" : address;
        }
    }
}

/// <summary>The provider, as its people call it.</summary>
internal static class OidcName
{
    public static string Of(OidcOptions options, IStringLocalizer<OidcText> texts) => options.DisplayName is { Length: > 0 } name ? name : texts["CompanyAccount"];
}
