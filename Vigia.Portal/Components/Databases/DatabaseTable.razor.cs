using Microsoft.AspNetCore.Components;
using Vigia.Core.Errors;
using Vigia.Core.Feed;
using Vigia.Core.Fleet;
using Vigia.Core.Isolation;
using Vigia.Core.Operations;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Databases;

/// <summary>Databases with their schemas, and bringing up a single one.</summary>
public sealed partial class DatabaseTable
{
    private static readonly OperationState[] Unfinished = [OperationState.Running, OperationState.Cancelling, OperationState.Queued, OperationState.Waiting];
    private Dictionary<int, Operation> _working = [];
    private IReadOnlyDictionary<int, ProofLine> _proofs = new Dictionary<int, ProofLine>();
    private IReadOnlyList<DatabaseRow>? _read;
    private bool _pointer;
    private bool _focus;

    [Parameter, EditorRequired]
    public IReadOnlyList<DatabaseRow> Items { get; set; } = [];

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    /// <summary>Whether a pointer or the focus is in the list.</summary>
    [Parameter]
    public EventCallback<bool> HandChanged { get; set; }

    [Inject]
    private SchemaUpgrade Upgrade { get; set; } = default!;

    [Inject]
    private OperationService Operations { get; set; } = default!;

    [Inject]
    private IsolationService Isolation { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    private bool MayMigrate => Actor.May(Rights.TenantsSchemaMigrate);

    protected override async Task OnInitializedAsync()
    {
        Watch(ChangeTopic.Operations, _ => ReadWorkAsync());
        Watch(ChangeTopic.Tenants, _ => ReadProofsAsync());
        await ReadWorkAsync();
    }

    protected override async Task OnParametersSetAsync()
    {
        if (!ReferenceEquals(_read, Items))
        {
            _read = Items;
            await ReadProofsAsync();
        }
    }

    // A button that is pressed and then disabled loses the focus; the pointer is still there.
    private Task HandAsync(bool pointer, bool focus)
    {
        (_pointer, _focus) = (pointer, focus);
        return HandChanged.InvokeAsync(pointer || focus);
    }

    // What is being brought up already can't be asked for again.
    private async Task ReadWorkAsync() =>
        _working = (await Operations.ListAsync(Actor, new OperationQuery { Kind = "migrate_tenant", States = Unfinished, PageSize = OperationService.MaxPageSize }, Ending)).Items
            .GroupBy(o => o.TenantId!.Value).ToDictionary(g => g.Key, g => g.First());

    private async Task ReadProofsAsync() => _proofs = await Isolation.LastOfAsync(Actor, [.. Items.Select(d => d.TenantId)], Ending);

    private async Task UpdateAsync(DatabaseRow row)
    {
        try
        {
            await Upgrade.StartOneAsync(Actor, row.TenantId, CancellationToken.None);
            Page.Say(T["UpdateStarted", row.LegalName ?? row.DatabaseName]);
        }
        catch (RuleException refusal)
        {
            Page.Refuse(refusal);
        }
    }
}
