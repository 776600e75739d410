using Microsoft.AspNetCore.Components;
using QRCoder;

namespace Vigia.Portal.Components.Account;

/// <summary>The secret of an authenticator: as a code that a telephone reads, and as text for who types it.</summary>
public sealed partial class AuthenticatorSecret
{
    private const string Issuer = "Vigia Portal";

    /// <summary>Whose it is, as the app shows it: the e-mail.</summary>
    [Parameter, EditorRequired]
    public string Account { get; set; } = "";

    [Parameter, EditorRequired]
    public byte[] Secret { get; set; } = [];

    private string Svg { get; set; } = "";

    protected override void OnParametersSet()
    {
        using var generator = new QRCodeGenerator();
        using var data = generator.CreateQrCode(Core.Staff.Totp.Address(Issuer, Account, Secret), QRCodeGenerator.ECCLevel.M);
        using var code = new SvgQRCode(data);

        // Black on white in both themes: telephones do not read the reverse.
        Svg = code.GetGraphic(4, "#000000", "#ffffff", drawQuietZones: true, SvgQRCode.SizingMode.ViewBoxAttribute);
    }
}
