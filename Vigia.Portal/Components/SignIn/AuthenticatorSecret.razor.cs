using Microsoft.AspNetCore.Components;
using QRCoder;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Portal.Components.SignIn;

/// <summary>The secret of an authenticator, as a QR code to scan and as text to type.</summary>
public sealed partial class AuthenticatorSecret
{
    private const string Issuer = "Vigia Portal";

    /// <summary>The account name that the authenticator app shows: the e-mail address.</summary>
    [Parameter, EditorRequired]
    public string Account { get; set; } = "";

    [Parameter, EditorRequired]
    public byte[] Secret { get; set; } = [];

    private string Svg { get; set; } = "";

    private string Address => Totp.Address(Issuer, Account, Secret);

    protected override void OnParametersSet()
    {
        using var generator = new QRCodeGenerator();
        using var data = generator.CreateQrCode(Address, QRCodeGenerator.ECCLevel.M);
        using var code = new SvgQRCode(data);

        // Black on white in both themes: many phones can't scan an inverted code.
        Svg = code.GetGraphic(4, "#000000", "#ffffff", drawQuietZones: true, SvgQRCode.SizingMode.ViewBoxAttribute);
    }
}
