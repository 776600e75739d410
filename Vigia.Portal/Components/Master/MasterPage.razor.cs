using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Startup;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Master;

/// <summary>Asks whether the master database was moved or copied. See docs/rules.md#copied-master.</summary>
public sealed partial class MasterPage(
    StaffSession session, MasterIdentity identity, MasterResolution resolution, PortalNotices bands,
    PageNotices notices)
{
    private Actor? _actor;
    private bool? _copy;
    private bool _unanswered;
    private string? _proof;
    private string? _error;
    private bool _busy;

    protected override bool ShowsAway => true;

    // A confirmation is valid for one of the two answers only. Another answer needs a new confirmation.
    private SignedAction? What => _copy is { } copy && identity.ReadOnly is { } places
        ? MasterResolution.SignatureOf(copy, places) : null;

    protected override async Task OnInitializedAsync() => _actor = await session.ActorAsync();

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
        try
        {
            await (copy ? resolution.CopyAsync(_actor!, _proof, CancellationToken.None)
                : resolution.MovedAsync(_actor!, _proof, CancellationToken.None));
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
