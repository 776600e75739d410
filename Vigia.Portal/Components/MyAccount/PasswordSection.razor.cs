using System.Security.Claims;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Staff.MyAccount;
using Vigia.Core.Staff.Signatures;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;
using Vigia.Portal.Components.SignIn;

namespace Vigia.Portal.Components.MyAccount;

/// <summary>Changes the person's own password.</summary>
public sealed partial class PasswordSection(OwnPassword ownPassword, PageNotices notices) : FormComponent(notices)
{
    private string? _email;
    private Guid? _session;
    private string _new = "";
    private string _again = "";
    private string? _newError;
    private string? _againError;
    private OtherKeys? _others;
    private bool _andTokens;

    [CascadingParameter]
    private Task<AuthenticationState> Authentication { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override string Subject => T["Password"];

    private string? NewError => _newError ?? Error("new_password");

    private SignedAction What => new(SignedAction.PasswordChange, Actor.StaffId!.Value.ToString());

    protected override async Task OnInitializedAsync()
    {
        var person = (await Authentication).User;
        _email = person.FindFirstValue(ClaimTypes.Email);
        _session = Guid.TryParse(person.FindFirstValue(StaffClaims.SessionId), out var session) ? session : null;
        _others = await FetchAsync(until => ownPassword.ListOthersAsync(Actor, until));
    }

    // A refusal that is not about the signature is about the present password too, e.g. that there is none.
    protected override Task ShowRefusalAsync(RuleException refusal)
    {
        (ProofError, Proof) = (refusal.Reason.Render(), null);
        return Task.CompletedTask;
    }

    /// <summary>Shows which of the three passwords are missing or differ.</summary>
    protected override bool FocusUnreadable()
    {
        ShowErrors(null);
        ProofError = IsSigned ? null : T["PasswordOldRequired"].Value;
        _newError = !AccountInput.IsSound(_new) || _new.Length == 0 ? T["PasswordNewRequired"].Value : null;
        _againError = _newError is null && _new != _again ? T["PasswordDifferent"].Value : null;
        return ProofError is not null || _newError is not null || _againError is not null;
    }

    private Task ChangeAsync() => SubmitAsync(async () =>
    {
        await ownPassword.ChangeAsync(Actor, Proof, _new, _session, _andTokens, CancellationToken.None);
        (Proof, _new, _again, _andTokens) = (null, "", "", false);
        Notices.Say(T["PasswordDone"]);
        _others = await ownPassword.ListOthersAsync(Actor, CancellationToken.None);
    });
}
