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
public sealed partial class PasswordSection(OwnPassword ownPassword, PageNotices notices)
{
    private string? _email;
    private Guid? _session;
    private string? _old;
    private string _new = "";
    private string _again = "";
    private string? _oldError;
    private string? _newError;
    private string? _againError;
    private OtherKeys? _others;
    private bool _andTokens;
    private bool _busy;

    [CascadingParameter]
    private Task<AuthenticationState> Authentication { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override bool ShowsAway => true;

    private SignedAction What => new(SignedAction.PasswordChange, Actor.StaffId!.Value.ToString());

    protected override async Task OnInitializedAsync()
    {
        var person = (await Authentication).User;
        _email = person.FindFirstValue(ClaimTypes.Email);
        _session = Guid.TryParse(person.FindFirstValue(StaffClaims.SessionId), out var session) ? session : null;
        _others = await FetchAsync(until => ownPassword.ListOthersAsync(Actor, until));
    }

    private async Task ChangeAsync()
    {
        if (_busy)
        {
            return;
        }

        _oldError = string.IsNullOrEmpty(_old) ? T["PasswordOldRequired"].Value : null;
        _newError = !AccountInput.IsSound(_new) || _new.Length == 0 ? T["PasswordNewRequired"].Value : null;
        _againError = _newError is null && _new != _again ? T["PasswordDifferent"].Value : null;
        if (_oldError is not null || _newError is not null || _againError is not null)
        {
            return;
        }

        _busy = true;
        try
        {
            await ownPassword.ChangeAsync(Actor, _old, _new, _session, _andTokens, CancellationToken.None);
            (_old, _new, _again, _andTokens) = (null, "", "", false);
            notices.Say(T["PasswordDone"]);
            _others = await ownPassword.ListOthersAsync(Actor, CancellationToken.None);
        }
        catch (InvalidInputException wrong)
        {
            _newError = wrong.Errors["new_password"][0].Render();
        }
        catch (RuleException refusal)
        {
            (_oldError, _old) = (refusal.Reason.Render(), null);
        }
        finally
        {
            _busy = false;
        }
    }
}
