using System.Globalization;
using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>
/// The actions on the selected tenants. First the tenants are counted, then the person confirms, then one operation
/// runs. Its page shows the result for each tenant.
/// </summary>
public sealed partial class TenantSelectionBar(
    TenantBulk bulk, TenantSearch search, PageDialogs dialogs, PageNotices notices, BrowserCalls browser)
{
    private const int MostNamed = 10;
    private readonly LatestRead _reading = new();
    private bool _busy;

    [Parameter, EditorRequired]
    public TenantSelection Selection { get; set; } = default!;

    /// <summary>The current view of the list.</summary>
    [Parameter, EditorRequired]
    public TenantListView View { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    /// <summary>The number of matching tenants on all pages.</summary>
    [Parameter, EditorRequired]
    public int Total { get; set; }

    /// <summary>Whether <see cref="Total"/> is the number of all that match. Otherwise more match.</summary>
    [Parameter]
    public bool TotalIsExact { get; set; } = true;

    /// <summary>Whether every row of the page is selected.</summary>
    [Parameter]
    public bool WholePage { get; set; }

    [Parameter]
    public EventCallback OnCleared { get; set; }

    /// <summary>Called when all matching tenants were selected.</summary>
    [Parameter]
    public EventCallback OnChanged { get; set; }

    private string Chosen => Selection.Count == 1 ? T["SelectedOne"] : T["SelectedMany", Number(Selection.Count)];

    private static string Number(int count) => count.ToString("N0", CultureInfo.CurrentCulture);

    // Ids that arrive after the filter has changed are not selected: the person would not see the tenants they act on.
    private Task AllAsync() => RunOnceAsync(async () =>
    {
        if (await TryReadAsync(
            _reading, View, (view, until) => search.FindIdsAsync(Actor, view.ToQuery(), until), Choose))
        {
            await OnChanged.InvokeAsync();
        }
    });

    private void Choose(IReadOnlyList<int> ids)
    {
        if (Selection.IsOf(View))
        {
            Selection.Set(ids, chosen: true);
        }
    }

    private Task StartAsync(bool suspends) => RunOnceAsync(async () =>
    {
        int[] ids = [.. Selection.Ids];
        var plan = await WhileHereAsync(bulk.PlanAsync(Actor, suspends, ids, Ending));
        if (plan.Run == 0)
        {
            notices.Note(string.Join(" ", [new Message("nothing_to_do").Render(), .. plan.Skipped.Select(Skipped)]));
            return;
        }

        var named = await WhileHereAsync(search.FindAsync(Actor, [.. ids.Take(MostNamed)], Ending));
        string[] names = [.. named.Values.Select(tenant => tenant.DisplayName).Order(StringComparer.CurrentCulture)];
        await dialogs.ConfirmAsync(Question(suspends, plan, ids, names), async answer =>
        {
            var operation = await bulk.StartAsync(
                Actor, new TenantBulkRequest(suspends, answer.ReasonCode, answer.ReasonText), ids,
                CancellationToken.None);
            Selection.Clear();
            notices.Say(T[suspends ? "SuspendManyStarted" : "ReactivateManyStarted"]);
            browser.GoTo(PortalUrls.Operation(operation));
        });
    });

    private ConfirmRequest Question(bool suspends, TenantBulkPlan plan, int[] chosen, string[] names)
    {
        var (action, effect) = suspends ? ("SuspendMany", T["SuspendManyEffect"].Value)
            : ("ReactivateMany", T["ReactivateManyEffect"].Value);
        var title = plan.Run == 1 ? T[action + "TitleOne"] : T[action + "Title", Number(plan.Run)];
        var question = new ConfirmRequest(
            title, plan.Provisions > 0 ? $"{effect} {T["ManyProvisions", Number(plan.Provisions)]}" : effect,
            T[suspends ? "Suspend" : "Reactivate"])
        {
            Destructive = suspends,
            Reasons = suspends ? TenantWords.Reasons(T) : [],
            AsksText = suspends,
            Draft = suspends ? DraftName.Of(Actor, "suspend-many", DraftName.IdOf(chosen)) : null,
            CodeThatNeedsText = "otro",
            NamesTitle = T["Selection"],
            Names = chosen.Length > MostNamed ? [.. names, T["AndMore", chosen.Length - MostNamed]] : names,
            DetailsTitle = plan.Skipped.Count > 0
                ? T["ManySkipped", Number(chosen.Length - plan.Run), Number(chosen.Length)].Value : null,
            Details = [.. plan.Skipped.Select(Skipped)],
        };
        return BulkQuestion.About(question, plan.Run, plan.Provisions, plan.Cost, Shared);
    }

    private static string Skipped(KeyValuePair<string, int> skipped) =>
        $"{Number(skipped.Value)} — {new Message(skipped.Key).Render()}";

    private async Task RunOnceAsync(Func<Task> actAsync)
    {
        if (_busy)
        {
            return;
        }

        _busy = true;
        try
        {
            await actAsync();
        }
        finally
        {
            _busy = false;
        }
    }
}
