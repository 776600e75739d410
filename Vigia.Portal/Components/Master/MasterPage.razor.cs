using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Startup;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Master;

/// <summary>Asks whether the master database was moved or copied. See docs/rules.md#copied-master.</summary>
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

    // A confirmation is valid for one of the two answers only. Another answer needs a new confirmation.
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
            await (copy ? Resolution.CopyAsync(_actor!, _proof, CancellationToken.None)
                : Resolution.MovedAsync(_actor!, _proof, CancellationToken.None));
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
