using System.Globalization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Vigia.Core.Staff;

namespace Vigia.Portal.Components.Oidc;

/// <summary>What somebody was sent to the provider for.</summary>
internal enum OidcPurpose
{
    SignIn,

    /// <summary>To prove again who they are, before something that is signed.</summary>
    Confirm,

    /// <summary>To link their account there with their account here.</summary>
    Link,
}

/// <summary>One round to the provider and back. It travels in the sealed <c>state</c>, so what comes back is what was sent.</summary>
internal sealed record OidcFlow(OidcPurpose Purpose, DateTimeOffset AskedAt)
{
    private const string Prefix = "vigia.";

    /// <summary>For <see cref="OidcPurpose.SignIn"/>: where the person was going.</summary>
    public string? ReturnUrl { get; init; }

    /// <summary>Whether the provider should ask who it is, though it knows somebody already.</summary>
    public bool AskAgain { get; init; }

    /// <summary>For the other two: who was signed in here.</summary>
    public Guid? StaffId { get; init; }

    /// <summary>For <see cref="OidcPurpose.Confirm"/>: what for.</summary>
    public SignedAction? What { get; init; }

    /// <summary>For <see cref="OidcPurpose.Confirm"/>: over which channel the page waits for the answer.</summary>
    public string? Channel { get; init; }

    /// <summary>For <see cref="OidcPurpose.Link"/>: that they were asked who they are.</summary>
    public string? Proof { get; init; }

    public OpenIdConnectChallengeProperties ToProperties()
    {
        var properties = new OpenIdConnectChallengeProperties
        {
            RedirectUri = Purpose switch { OidcPurpose.Confirm => PortalUrls.OidcConfirmed, OidcPurpose.Link => PortalUrls.OidcLinked, _ => PortalUrls.OidcSignedIn },
            Prompt = AskAgain ? "login" : null,
            MaxAge = Purpose == OidcPurpose.Confirm ? TimeSpan.Zero : null,
        };
        foreach (var (name, value) in new (string, string?)[]
        {
            ("purpose", Purpose.ToString()), ("asked", AskedAt.ToString("O", CultureInfo.InvariantCulture)), ("return", ReturnUrl), ("staff", StaffId?.ToString()),
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

    /// <summary>What a round was for; null when that is not known.</summary>
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

    /// <summary>Where a round that failed ends, with a note of <see cref="OidcNotes"/>.</summary>
    public static string Failed(OidcFlow? flow, string code) => flow switch
    {
        { Purpose: OidcPurpose.Confirm } => PortalUrls.Noting($"{PortalUrls.OidcConfirmed}?canal={flow.Channel}", code),
        { Purpose: OidcPurpose.Link } => PortalUrls.Noting(PortalUrls.MyAccount, code),
        _ => PortalUrls.Noting(PortalUrls.Step(PortalUrls.SignIn, flow?.ReturnUrl), code),
    };
}
