using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Plans;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>Converts a demo tenant to production. Closes with true when that was done.</summary>
// More than five dependencies: two are those of a dialog with a date. A conversion also chooses a plan and may remove
// the demonstration data.
public sealed partial class ConversionDialog(
    PageNotices notices, BrowserCalls browser, TimeProvider time, TenantConversion conversions,
    TenantContents contents, PlanCatalog plans) : DatedFormDialog(notices, browser)
{
    private const string EndId = "convert-end";
    private IReadOnlyList<Plan> _plans = [];
    private ElementReference _first;
    private string _plan = "";
    private DayEntry _end;
    private long? _demoRows;
    private bool _keepsLimits;
    private bool _removes = true;
    private bool _understood;

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override string Subject => Tenant.DisplayName;

    protected override string? UnreadableDay => _end.IsUnreadable ? EndId : null;

    protected override IEnumerable<string> Missing => Lacking((_understood, T["ConvertUnderstood"]));

    private DateOnly Tomorrow => LimaTime.DayOf(time.GetUtcNow()).AddDays(1);

    private Plan? Chosen => _plans.FirstOrDefault(plan => plan.Code == _plan);

    private TenantDetails Present => TenantDetails.Of(Tenant.Row);

    private bool MayRemove => _demoRows > 0 && Actor.May(TenantAction.RemoveDemoData.Right);

    protected override async Task OnInitializedAsync()
    {
        _plan = Tenant.Row.Plan ?? "";
        _plans = await FetchAsync(until => plans.ListAsync(Actor, until));

        // Counted after the dialog is rendered, so that a database that does not answer can't keep the dialog from
        // opening.
        _demoRows = (await FetchAsync(until => contents.CountAsync(Actor, Tenant.Id, until)))?.DemoRows;
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await _first.FocusAsync();
        }
    }

    private async Task ConvertAsync()
    {
        if (!IsComplete)
        {
            return;
        }

        await SubmitAsync(async () =>
        {
            await conversions.ConvertAsync(Actor, Tenant.Id, new Conversion
            {
                Plan = _plan == (Tenant.Row.Plan ?? "") ? null : _plan,
                KeepLimits = _keepsLimits,
                ExpiresAt = _end.Day is { } day ? LimaTime.EndOf(day) : null,
                RemoveDemoData = MayRemove && _removes,
            }, CancellationToken.None);
            Dialog.Close(DialogResult.Ok(true));
        });
    }
}
