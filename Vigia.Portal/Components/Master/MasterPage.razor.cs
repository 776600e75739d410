using Microsoft.AspNetCore.Components;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Account;
using Vigia.Portal.Components.Layout;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Master;

/// <summary>Asks why the master database is not where it was: moved, or a copy (invariant 11).</summary>
public sealed partial class MasterPage
{
    private Actor? _actor;
    private bool? _copy;
    private bool _unanswered;
    private string? _proof;
    private string? _error;
    private bool _busy;

    [Inject]
    private StaffSession Session { get; set; } = default!;

    [Inject]
    private MasterIdentity Identity { get; set; } = default!;

    [Inject]
    private MasterResolution Resolution { get; set; } = default!;

    [Inject]
    private PortalNotices Notices { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    // A confirmation is for one of the two answers; for the other one it has to be given again.
    private SignedAction? What => _copy is { } copy ? MasterResolution.SignatureOf(copy) : null;

    protected override async Task OnInitializedAsync() => _actor = await Session.ActorAsync();

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
            await (copy ? Resolution.CopyAsync(_actor!, _proof, CancellationToken.None) : Resolution.MovedAsync(_actor!, _proof, CancellationToken.None));
            Notices.Remove(PortalNotices.ReadOnly);
            Page.Say(T["Done"]);
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
