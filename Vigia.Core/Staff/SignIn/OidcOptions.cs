using System.ComponentModel.DataAnnotations;
using Vigia.Core.Foundation.Configuration;

namespace Vigia.Core.Staff.SignIn;

/// <summary>
/// Section <c>Oidc</c>: the company's identity provider (OpenID Connect). Without an authority there is none, and no
/// page mentions one.
/// </summary>
public sealed class OidcOptions : IValidatableObject
{
    public const string Section = "Oidc";

    /// <summary>
    /// The provider's base address, to which <c>/.well-known/openid-configuration</c> is added; empty for no provider.
    /// </summary>
    [SettingExample("https://login.example.com/realms/company")]
    public string Authority { get; set; } = "";

    /// <summary>The client id of this portal at the provider.</summary>
    [SettingExample("vigia-portal")]
    public string ClientId { get; set; } = "";

    /// <summary>The client secret with which the portal proves its identity to the provider.</summary>
    [SettingExample("(the secret that the provider gave for this client)")]
    public string ClientSecret { get; set; } = "";

    /// <summary>
    /// The provider's name for people, shown on the button "Entrar con …"; empty for "la cuenta de su empresa".
    /// </summary>
    [SettingExample("Microsoft")]
    [StringLength(40, ErrorMessage = "it has more than 40 characters")]
    public string DisplayName { get; set; } = "";

    /// <summary>The scopes that the portal requests, separated by spaces.</summary>
    public string Scopes { get; set; } = "openid email profile";

    /// <summary>The claim with the person's address.</summary>
    public string EmailClaim { get; set; } = "email";

    /// <summary>
    /// The claim that says whether the provider has verified that the address is that person's (Entra ID:
    /// <c>xms_edov</c>).
    /// </summary>
    public string EmailVerifiedClaim { get; set; } = "email_verified";

    /// <summary>Whether the provider asks everybody for a second factor, so that the portal does not have to.</summary>
    public bool SecondFactor { get; set; }

    /// <summary>Whether there is a provider at all.</summary>
    public bool IsConfigured => Authority.Length > 0;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!IsConfigured)
        {
            // A half-configured provider is a mistake, not a decision to have none.
            return ClientId.Length + ClientSecret.Length + DisplayName.Length > 0
                ? [Wrong("the other settings of Oidc are set but this is not", nameof(Authority))] : [];
        }

        return new (bool IsWrong, string What, string Setting)[]
        {
            (!IsSafeAddress(Authority),
                "it is an address that begins with https:// (http:// on this machine only), without ? or #",
                nameof(Authority)),
            (string.IsNullOrWhiteSpace(ClientId), "it is required together with Authority", nameof(ClientId)),
            (string.IsNullOrWhiteSpace(ClientSecret), "it is required together with Authority", nameof(ClientSecret)),
            (DisplayName.Any(char.IsControl), "it has control characters", nameof(DisplayName)),
            (!Scopes.Split(' ').Contains("openid"), "without the scope openid it is not OpenID Connect",
                nameof(Scopes)),
            (string.IsNullOrWhiteSpace(EmailClaim), "it is the name of a claim", nameof(EmailClaim)),
            (string.IsNullOrWhiteSpace(EmailVerifiedClaim), "it is the name of a claim", nameof(EmailVerifiedClaim)),
        }.Where(check => check.IsWrong).Select(check => Wrong(check.What, check.Setting));
    }

    private static bool IsSafeAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Query.Length == 0
            && address.Fragment.Length == 0 && address.UserInfo.Length == 0
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback));

    private static ValidationResult Wrong(string what, string setting) => new(what, [setting]);
}
