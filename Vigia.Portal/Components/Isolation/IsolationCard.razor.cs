using Microsoft.AspNetCore.Components;
using Vigia.Core.Databases;
using Vigia.Core.Errors;
using Vigia.Core.Feed;
using Vigia.Core.Isolation;
using Vigia.Core.Postgres;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Isolation;

/// <summary>A client's isolation: the last proof with what was wrong first, earlier ones, and proving it now.</summary>
public sealed partial class IsolationCard
{
    private const int MostOfHistory = 30;
    private IsolationProof? _shown;
    private ServerOpenings? _openings;
    private IReadOnlyList<ProofLine> _history = [];
    private bool _read;

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Inject]
    private IsolationService Isolation { get; set; } = default!;

    [Inject]
    private ServerPreparation Preparation { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    private bool IsReady => Tenant.Row.State == TenantState.Ready;

    private List<IsolationAttempt> Problems => [.. _shown!.Attempts.Where(IsolationWords.IsProblem)];

    protected override async Task OnInitializedAsync()
    {
        Watch(ChangeTopic.Tenants, changes => changes.Concerns(Tenant.Id) ? ReadAsync() : Task.CompletedTask);
        await ReadAsync();
    }

    private async Task ReadAsync()
    {
        _history = await Isolation.HistoryAsync(Actor, Tenant.Id, MostOfHistory, Ending);

        // Who is looking at an earlier one goes on looking at it.
        if (_shown is null or { IsLast: true })
        {
            _shown = await Isolation.LastAsync(Actor, Tenant.Id, Ending);
        }

        // Names of databases are for who may prove, and not for who may know of chosen clients only.
        _openings = Actor.May(Rights.TenantsIsolationProve) && Actor.TenantScope is null ? await Preparation.ReadAsync(Actor, Ending) : null;
        _read = true;
    }

    private async Task ShowAsync(ProofLine line) => _shown = await Isolation.FindAsync(Actor, Tenant.Id, line.Id, Ending) ?? _shown;

    private async Task ShowLastAsync() => _shown = await Isolation.LastAsync(Actor, Tenant.Id, Ending);

    private async Task ProveAsync()
    {
        try
        {
            await Isolation.ProveAsync(Actor, Tenant.Id, Ending);
            _shown = await Isolation.LastAsync(Actor, Tenant.Id, Ending);
        }
        catch (RuleException refusal)
        {
            Page.Refuse(refusal);
        }
    }

    private async Task PrepareAsync()
    {
        var request = new ConfirmRequest(T["PrepareTitle"], T["PrepareEffect"], T["Prepare"]) { DetailsTitle = T["Statements"], Details = _openings!.Statements, Destructive = true };
        if (await Page.ConfirmAsync(request) is null)
        {
            return;
        }

        try
        {
            await Preparation.PrepareAsync(Actor, Ending);
            Page.Say(T["Prepared"]);
            await ReadAsync();
        }
        catch (RuleException refusal)
        {
            Page.Refuse(refusal);
        }
    }
}
