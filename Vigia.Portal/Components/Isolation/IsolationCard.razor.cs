using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Isolation;

/// <summary>
/// A tenant's isolation: the last proof with its problems first, earlier proofs, and a button to prove it now.
/// </summary>
public sealed partial class IsolationCard(
    PageFeed feed, IsolationService isolation, PageNotices notices) : LiveComponent(feed)
{
    private const int MostOfHistory = 30;
    private readonly LatestRead _readingProof = new();
    private readonly LatestRead _readingAll = new();
    private IsolationProof? _shown;
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

        await ReadAsync(
            _readingAll, Tenant.Id, (id, until) => isolation.HistoryAsync(Actor, id, MostOfHistory, until),
            history => (_history, _read) = (history, true));
    }

    // Shows the proof that was requested last, even if an earlier request is answered later.
    private Task ShowAsync(ProofLine line) => ReadAsync(
        _readingProof, (Tenant.Id, line.Id),
        (wanted, until) => isolation.FindAsync(Actor, wanted.Item1, wanted.Item2, until),
        proof => _shown = proof ?? _shown);

    private Task ShowLastAsync() => ReadAsync(
        _readingProof, Tenant.Id, (id, until) => isolation.LastAsync(Actor, id, until), proof => _shown = proof);

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
}
