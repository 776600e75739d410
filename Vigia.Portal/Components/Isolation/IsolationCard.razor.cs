using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Isolation;

/// <summary>
/// A tenant's isolation: the last proof with its problems first, earlier proofs, and a button to prove it now.
/// </summary>
public sealed partial class IsolationCard(
    PageFeed feed, IsolationService isolation, ServerPreparation preparation, PageDialogs dialogs,
    PageNotices notices) : LiveComponent(feed)
{
    private const int MostOfHistory = 30;
    private readonly LatestRead _readingProof = new();
    private readonly LatestRead _readingAll = new();
    private readonly LatestRead _lookingAtServer = new();
    private IsolationProof? _shown;
    private SeenOpenings? _openings;
    private IReadOnlyList<ProofLine> _history = [];
    private bool _read;

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    private bool IsReady => TenantAction.ProveIsolation.IsPossible(Tenant.Standing);

    private List<IsolationAttempt> Problems => [.. _shown!.Attempts.Where(IsolationWords.IsProblem)];

    protected override Task OnInitializedAsync() => FollowAsync(ChangeTopic.Tenants, Tenant.Id, ReadAsync);

    private async Task ReadAsync()
    {
        // A person who is looking at an earlier proof keeps seeing it.
        if (_shown is null or { IsLast: true })
        {
            await ShowLastAsync();
        }

        // Only people who may prove isolation and are not limited to chosen tenants see the names of databases.
        var seesOpenings = Actor.May(TenantAction.ProveIsolation.Right) && Actor.TenantScope is null;
        await ReadAsync(
            _readingAll, Tenant.Id,
            async (id, until) => (
                History: await isolation.HistoryAsync(Actor, id, MostOfHistory, until),
                Openings: seesOpenings ? await preparation.LastAsync(Actor, until) : null),
            answer => (_history, _openings, _read) = (answer.History, answer.Openings, true));
    }

    // Shows the proof that was requested last, even if an earlier request is answered later.
    private Task ShowAsync(ProofLine line) => ReadAsync(
        _readingProof, (Tenant.Id, line.Id),
        (wanted, until) => isolation.FindAsync(Actor, wanted.Item1, wanted.Item2, until),
        proof => _shown = proof ?? _shown);

    private Task ShowLastAsync() => ReadAsync(
        _readingProof, Tenant.Id, (id, until) => isolation.LastAsync(Actor, id, until), proof => _shown = proof);

    private async Task<bool> LookAsync()
    {
        await ReadAsync(_lookingAtServer, until => preparation.ReadAsync(Actor, until), seen => _openings = seen);
        return true;
    }

    private async Task ProveAsync()
    {
        try
        {
            await isolation.ProveAsync(Actor, Tenant.Id, CancellationToken.None);
            await ShowLastAsync();
        }
        catch (RuleException refusal)
        {
            Refuse(notices, Tenant.DisplayName, refusal);
        }
    }

    private async Task PrepareAsync()
    {
        var request = new ConfirmRequest(
            T["PrepareTitle"], T["PrepareEffect"], T["Prepare"])
        {
            DetailsTitle = T["Statements"],
            Details = _openings!.Found.Statements, Destructive = true
        };
        var isDone = await dialogs.ConfirmAsync(request, async _ =>
        {
            await preparation.PrepareAsync(Actor, CancellationToken.None);
            notices.Say(T["Prepared"]);
        });
        if (isDone)
        {
            await ReadAsync();
        }
    }
}
