using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.MyAccount;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Staff.SignIn;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.MyAccount;

/// <summary>
/// Sets up an authenticator: it shows the secret, checks a code, and then shows the recovery codes, which can't be read
/// again later.
/// </summary>
public sealed partial class AuthenticatorDialog(PageNotices notices, OwnSecondFactor secondFactor) : FormDialog(notices)
{
    // The circuit keeps the secret until a code confirms it. Nothing is stored before.
    private readonly byte[] _secret = Totp.NewSecret();
    private IReadOnlyList<string>? _codes;
    private string _code = "";

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    /// <summary>Whether this authenticator replaces an existing one.</summary>
    [Parameter]
    public bool Moves { get; set; }

    protected override string Subject => Actor.Name;

    protected override IEnumerable<string> Missing =>
        Lacking((_code.Length > 0, T["AuthenticatorCode"]), (IsSigned, Shared["Signature"]));

    private SignedAction What => OwnSecondFactor.SignatureOf(Actor.StaffId!.Value, _secret);

    private async Task EnableAsync()
    {
        if (!IsComplete)
        {
            return;
        }

        await SubmitAsync(async () =>
        {
            _codes = await secondFactor.EnableAsync(Actor, _secret, _code, Proof!, CancellationToken.None);
        });
    }
}
