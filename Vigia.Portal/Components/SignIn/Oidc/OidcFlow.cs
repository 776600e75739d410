using System.Globalization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Vigia.Core.Staff.Signatures;

namespace Vigia.Portal.Components.SignIn.Oidc;

/// <summary>The reason why a person was sent to the provider.</summary>
internal enum OidcPurpose
{
    SignIn,

    /// <summary>To re-authenticate before a signed action.</summary>
    Confirm,

    /// <summary>To link their account at the provider with their account in the portal.</summary>
    Link,
}

/// <summary>
/// One round trip to the provider. It travels in the encrypted <c>state</c>, so it returns unchanged.
/// </summary>
internal sealed record OidcFlow(OidcPurpose Purpose, DateTimeOffset AskedAt)
{
    private const string Prefix = "vigia.";

    /// <summary>For <see cref="OidcPurpose.SignIn"/>: the page that the person wanted to open.</summary>
    public string? ReturnUrl { get; init; }

    /// <summary>Whether the provider should ask for the account, even if it already has a session.</summary>
    public bool AskAgain { get; init; }

    /// <summary>For the other two purposes: the person who was signed in to the portal.</summary>
    public Guid? StaffId { get; init; }

    /// <summary>For <see cref="OidcPurpose.Confirm"/>: the signed action.</summary>
    public SignedAction? What { get; init; }

    /// <summary>For <see cref="OidcPurpose.Confirm"/>: the channel on which the page waits for the answer.</summary>
    public string? Channel { get; init; }

    /// <summary>For <see cref="OidcPurpose.Link"/>: the proof of their re-authentication.</summary>
    public string? Proof { get; init; }

    public OpenIdConnectChallengeProperties ToProperties()
    {
        var properties = new OpenIdConnectChallengeProperties
        {
            RedirectUri = Purpose switch
            {
                OidcPurpose.Confirm => PortalUrls.OidcConfirmed,
                OidcPurpose.Link => PortalUrls.OidcLinked,
                _ => PortalUrls.OidcSignedIn
            },
            Prompt = AskAgain ? "login" : null,
            MaxAge = Purpose == OidcPurpose.Confirm ? TimeSpan.Zero : null,
        };
        foreach (var (name, value) in new (string, string?)[]
        {
            ("purpose", Purpose.ToString()), ("asked", AskedAt.ToString("O", CultureInfo.InvariantCulture)),
            ("return", ReturnUrl), ("staff", StaffId?.ToString()),
            ("action", What?.Action), ("target", What?.Target), ("channel", Channel), ("proof", Proof),
        })
        {
            if (value is not null)
            {
                properties.Items[Prefix + name] = value;
            }
        }

        return properties;
    }

    /// <summary>The flow of a round trip. Null when it is unknown.</summary>
    public static OidcFlow? Read(AuthenticationProperties? properties)
    {
        string? Item(string name) => properties?.Items.TryGetValue(Prefix + name, out var value) == true ? value : null;
        return Enum.TryParse<OidcPurpose>(Item("purpose"), out var purpose) && Item("asked") is { } asked
            ? new OidcFlow(purpose, DateTimeOffset.Parse(asked, CultureInfo.InvariantCulture))
            {
                ReturnUrl = Item("return"),
                StaffId = Guid.TryParse(Item("staff"), out var id) ? id : null,
                What = Item("action") is { } action ? new SignedAction(action, Item("target") ?? "") : null,
                Channel = Item("channel"),
                Proof = Item("proof"),
            }
            : null;
    }

    /// <summary>The address to go to after a failed round trip, with a note of <see cref="OidcNotes"/>.</summary>
    public static string Failed(OidcFlow? flow, string code) => flow switch
    {
        { Purpose: OidcPurpose.Confirm } => PortalUrls.Noting($"{PortalUrls.OidcConfirmed}?canal={flow.Channel}", code),
        { Purpose: OidcPurpose.Link } => PortalUrls.Noting(PortalUrls.MyAccount, code),
        _ => PortalUrls.Noting(PortalUrls.Step(PortalUrls.SignIn, flow?.ReturnUrl), code),
    };
}
