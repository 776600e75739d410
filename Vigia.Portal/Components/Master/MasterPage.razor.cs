using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Startup;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Master;

/// <summary>Asks whether the master database was moved or copied. See docs/rules.md#copied-master.</summary>
// More than five dependencies: a form with a draft, whose answer ends a state of the whole portal.
public sealed partial class MasterPage(
    StaffSession session, MasterIdentity identity, MasterResolution resolution, PortalNotices bands,
    PageNotices notices, Drafts drafts) : FormComponent(notices)
{
    private const string CopyId = "answer-copy";
    private Actor? _actor;
    private bool? _copy;
    private bool _unanswered;
    private DateTimeOffset? _restoredAt;

    protected override string Subject => T["Title"];

    // A confirmation is valid for one of the two answers only. Another answer needs a new confirmation.
    private SignedAction? What => _copy is { } copy && identity.ReadOnly is { } places
        ? MasterResolution.SignatureOf(copy, places) : null;

    // The answer is about these two masters. Nobody can answer while the master is not read-only.
    private DraftName Draft => DraftName.Of(
        _actor!, "master", DraftName.IdOf(string.Join('\n', identity.ReadOnly?.Args ?? [])));

    protected override async Task OnInitializedAsync()
    {
        var actor = await session.ActorAsync();
        _actor = actor;
        if (identity.ReadOnly is not null && actor.May(Rights.MasterIdentityResolve)
            && await drafts.ReadAsync(Draft, Ending) is { } draft)
        {
            Choose(copy: draft.Typed.GetValueOrDefault(CopyId) == "true");
            _restoredAt = draft.At;
        }
    }

    protected override bool FocusUnreadable() => _unanswered = _copy is null;

    private void Begin()
    {
        Choose(null);
        _restoredAt = null;
    }

    private void Choose(bool? copy) => (_copy, _unanswered, Proof, ProofError) = (copy, false, null, null);

    private Task ResolveAsync() => SubmitAsync(async () =>
    {
        var draft = Draft;
        await (_copy == true ? resolution.CopyAsync(_actor!, Proof, CancellationToken.None)
            : resolution.MovedAsync(_actor!, Proof, CancellationToken.None));
        drafts.Forget(draft);
        bands.Remove(PortalNotices.ReadOnly);
        Notices.Say(T["Done"]);
    });
}
