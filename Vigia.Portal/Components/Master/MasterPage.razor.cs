using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
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
    PageNotices notices, Drafts drafts)
{
    private const string CopyId = "answer-copy";
    private Actor? _actor;
    private bool? _copy;
    private bool _unanswered;
    private string? _proof;
    private string? _error;
    private bool _busy;
    private DateTimeOffset? _restoredAt;

    protected override bool ShowsAway => true;

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

    private void Begin() => (_copy, _unanswered, _proof, _error, _restoredAt) = (null, false, null, null, null);

    private void Choose(bool copy) => (_copy, _unanswered, _proof, _error) = (copy, false, null, null);

    private async Task ResolveAsync()
    {
        if (_busy)
        {
            return;
        }

        if (_copy is not { } copy)
        {
            _unanswered = true;
            return;
        }

        (_busy, _error) = (true, null);
        var draft = Draft;
        try
        {
            await (copy ? resolution.CopyAsync(_actor!, _proof, CancellationToken.None)
                : resolution.MovedAsync(_actor!, _proof, CancellationToken.None));
            drafts.Forget(draft);
            bands.Remove(PortalNotices.ReadOnly);
            notices.Say(T["Done"]);
        }
        catch (RuleException refusal)
        {
            (_error, _proof) = (refusal.Reason.Render(), null);
        }
        finally
        {
            _busy = false;
        }
    }
}
