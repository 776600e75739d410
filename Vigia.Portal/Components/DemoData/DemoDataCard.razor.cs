using Microsoft.AspNetCore.Components;
using Vigia.Core.DemoData;
using Vigia.Core.Errors;
using Vigia.Core.Feed;
using Vigia.Core.Operations;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.DemoData;

/// <summary>Whether a client's database has demonstration data; filling it in and taking it away. Draws nothing for a production client without any.</summary>
public sealed partial class DemoDataCard
{
    private long? _rows;
    private bool _read;
    private (Guid Id, OperationState State)? _last;

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Inject]
    private DemoDataService Demo { get; set; } = default!;

    [Inject]
    private OperationService Operations { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    private bool MayAct => Actor.May(Rights.TenantsDemoData) && Tenant.Row.State == TenantState.Ready;

    private string Name => Tenant.Row.LegalName ?? Tenant.Row.Subdomain ?? "";

    protected override async Task OnInitializedAsync()
    {
        Watch(ChangeTopic.Operations, _ => FollowAsync());
        await FollowAsync();
        await ReadAsync();
    }

    // Its database is looked at again only when what fills or empties it has gone on.
    private async Task FollowAsync()
    {
        var newest = (await Operations.ListAsync(Actor, new OperationQuery { TenantId = Tenant.Id, PageSize = 20 }, Ending)).Items.FirstOrDefault(o => o.Kind is "fill_demo_data" or "remove_demo_data");
        if (newest is not null && _last != (newest.Id, newest.State))
        {
            _last = (newest.Id, newest.State);
            if (_read)
            {
                await ReadAsync();
            }
        }
    }

    private async Task ReadAsync()
    {
        _rows = await Demo.CountAsync(Actor, Tenant.Id, Ending);
        _read = true;
    }

    private Task FillAsync() => StartAsync(new ConfirmRequest(T["FillTitle", Name], T["FillEffect"], T["Fill"]), () => Demo.FillAsync(Actor, Tenant.Id, Ending), "FillStarted");

    private Task RemoveAsync() => StartAsync(new ConfirmRequest(T["RemoveTitle", Name], T["RemoveEffect"], T["Remove"]), () => Demo.RemoveAsync(Actor, Tenant.Id, Ending), "RemoveStarted");

    private async Task StartAsync(ConfirmRequest question, Func<Task<Guid>> start, string said)
    {
        if (await Page.ConfirmAsync(question) is null)
        {
            return;
        }

        try
        {
            await start();
            Page.Say(T[said, Name]);
        }
        catch (RuleException refusal)
        {
            Page.Refuse(refusal);
        }
    }
}
