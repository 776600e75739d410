using System.Security.Claims;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.MyAccount;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.MyAccount;

/// <summary>The person's name, which they can change, and their address.</summary>
public sealed partial class NameSection(OwnName ownName, PageNotices notices, Drafts drafts) : FormComponent(notices)
{
    private const string FieldId = "own-name";
    private string _current = "";
    private string? _email;
    private string _name = "";
    private bool _editing;
    private DateTimeOffset? _restoredAt;

    [CascadingParameter]
    private Task<AuthenticationState> Authentication { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override string Subject => T["Name"];

    private string? NameError => Error("full_name");

    private DraftName Draft => DraftName.Of(Actor, "own-name");

    protected override async Task OnInitializedAsync()
    {
        _current = Actor.Name;
        _email = (await Authentication).User.FindFirstValue(ClaimTypes.Email);
        if (await drafts.ReadAsync(Draft, Ending) is not { } draft
            || !draft.Typed.TryGetValue(FieldId, out var typed))
        {
            return;
        }

        if (typed.Trim() == _current)
        {
            // The name was saved, but the connection broke before the browser could remove the draft.
            drafts.Forget(Draft);
            return;
        }

        Begin();
        (_name, _restoredAt) = (typed, draft.At);
    }

    // An address instead of a name is what a portal without PORTAL_ADMIN_NAME gave its first administrator.
    private void Begin()
    {
        (_editing, _name, _restoredAt) = (true, _current == _email ? "" : _current, null);
        (Proof, ProofError) = (null, null);
        ShowErrors(null);
    }

    private void Keep()
    {
        _editing = false;
        drafts.Forget(Draft);
    }

    private Task ChangeAsync() => SubmitAsync(async () =>
    {
        await ownName.ChangeAsync(Actor, _name, Proof, CancellationToken.None);
        (_current, _editing, Proof) = (_name.Trim(), false, null);
        drafts.Forget(Draft);
        Notices.Say(T["NameDone"]);
    });
}
