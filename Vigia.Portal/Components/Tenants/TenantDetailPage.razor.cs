using Microsoft.AspNetCore.Components;
using Vigia.Core.Errors;
using Vigia.Core.Feed;
using Vigia.Core.Isolation;
using Vigia.Core.Operations;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Account;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>One client: its state and the one thing that is wrong, if any, what works on it now, and its sections.</summary>
public sealed partial class TenantDetailPage
{
    private static readonly OperationState[] Unfinished = [OperationState.Queued, OperationState.Running, OperationState.Waiting, OperationState.Cancelling];

    /// <summary>How long a finished operation is still told to who comes back to the page.</summary>
    private static readonly TimeSpan StaysFor = TimeSpan.FromMinutes(2);
    private TenantView? _tenant;
    private TenantLookup? _gone;
    private Actor? _actor;
    private Guid? _operation;
    private int _read;

    [Parameter]
    public int Id { get; set; }

    [SupplyParameterFromQuery(Name = "seccion")]
    public string? Section { get; set; }

    [Inject]
    private StaffSession Session { get; set; } = default!;

    [Inject]
    private TenantSearch Search { get; set; } = default!;

    [Inject]
    private OperationService Operations { get; set; } = default!;

    [Inject]
    private TenantTrail Trail { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    private string Name => string.IsNullOrWhiteSpace(_tenant!.Row.LegalName) ? _tenant.Row.Subdomain ?? $"#{Id}" : _tenant.Row.LegalName;

    private bool MayDelete => _actor!.May(Rights.TenantsDeleteSoft) || _actor.May(Rights.TenantsDeleteHard);

    private IEnumerable<(string? Section, string Key)> Sections
    {
        get
        {
            yield return (null, "TabSummary");
            yield return ("base", "TabDatabase");
            yield return ("operaciones", "TabOperations");
            if (_actor!.May(Rights.AuditView))
            {
                yield return ("auditoria", "TabAudit");
            }

            yield return ("configuracion", "TabConfig");
            if (MayDelete)
            {
                yield return ("peligro", "TabDanger");
            }
        }
    }

    /// <summary>The one thing a person has to know first.</summary>
    private (string Tone, string Text)? Wrong => _tenant!.Status switch
    {
        TenantStatus.Failed => ("tone-bad", T["WrongFailed"]),
        TenantStatus.DatabaseMissing => ("tone-bad", T["WrongMissing"]),
        _ when _tenant.Isolation == IsolationVerdict.Broken => ("tone-bad", T["WrongIsolation"]),
        TenantStatus.Unmanaged => ("tone-quiet", T["WrongUnmanaged"]),
        TenantStatus.Registered => ("tone-info", T["WrongRegistered"]),
        TenantStatus.Deleting => ("tone-warning", T["WrongDeleting"]),
        _ when TenantWords.Inactivity(_tenant.Row, T) is { } why => ("tone-warning", why),
        _ => null,
    };

    protected override async Task OnInitializedAsync()
    {
        Watch(ChangeTopic.Tenants, changes => changes.Concerns(Id) ? ReadAsync() : Task.CompletedTask);
        Watch(ChangeTopic.Operations, _ => ReadOperationAsync());
        _actor = await Session.ActorAsync();
    }

    protected override async Task OnParametersSetAsync()
    {
        if (_read != Id && _actor is not null)
        {
            _read = Id;
            await ReadAsync();
        }
    }

    private string SectionAddress(string? section) => section is null ? PortalUrls.Tenant(Id) : $"{PortalUrls.Tenant(Id)}?seccion={section}";

    // Small upkeep that follows an edit; the page says what matters of it elsewhere.
    private static bool IsQuiet(Operation operation) => operation.Kind is "apply_limits" or "move_first_admin" && operation.State != OperationState.Failed;

    private async Task ReadAsync()
    {
        if (_actor is null)
        {
            return;
        }

        try
        {
            var found = await Search.GetAsync(_actor, Id, Ending);
            _tenant = found.View;
            _gone = found.View is null ? found : null;
        }
        catch (NotFoundException)
        {
            _tenant = null;
            _gone = new TenantLookup(null, null);
        }

        await ReadOperationAsync();
    }

    // What works on the client now, or what a person has to look at; finished work is in its section.
    private async Task ReadOperationAsync()
    {
        // The client may go while its operations are being read.
        if (_tenant is not { } tenant || _actor is null)
        {
            _operation = null;
            return;
        }

        var newest = (await Operations.ListAsync(_actor, new OperationQuery { TenantId = Id, PageSize = 5 }, Ending)).Items.Where(o => !IsQuiet(o)).ToList();
        var working = newest.Find(o => Unfinished.Contains(o.State));
        var failed = tenant.Row.State is TenantState.Failed or TenantState.Deleting ? newest.Find(o => o.State == OperationState.Failed) : null;
        var justDone = newest.Find(o => o.FinishedAt > Page.Time.GetUtcNow() - StaysFor);
        _operation = (working ?? failed ?? justDone)?.Id;
    }
}
