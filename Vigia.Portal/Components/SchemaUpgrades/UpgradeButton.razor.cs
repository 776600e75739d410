using System.Globalization;
using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.SchemaUpgrades;

/// <summary>
/// Upgrades all databases that are behind. First they are counted, then the person confirms, then one operation runs,
/// which the page shows.
/// </summary>
public sealed partial class UpgradeButton(SchemaUpgradeService upgrade, PageDialogs dialogs, PageNotices notices)
{
    private bool _busy;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Parameter, EditorRequired]
    public SchemaFigures Figures { get; set; } = default!;

    /// <summary>
    /// Whether the page shows an earlier upgrade that can be retried. The retry is then the main action.
    /// </summary>
    [Parameter]
    public bool Secondary { get; set; }

    private static string Number(int count) => count.ToString("N0", CultureInfo.CurrentCulture);

    private async Task AskAsync()
    {
        if (_busy)
        {
            return;
        }

        _busy = true;
        try
        {
            var plan = await WhileHereAsync(upgrade.PlanAsync(Actor, null, Ending));
            if (plan.Run == 0)
            {
                notices.Note(string.Join(
                    " ", [new Message("nothing_to_migrate").Render(), .. plan.Skipped.Select(Skipped)]));
            }
            else
            {
                await dialogs.ConfirmAsync(Question(plan), async _ =>
                {
                    await upgrade.StartAsync(Actor, null, CancellationToken.None);
                    notices.Say(T["UpgradeStarted"]);
                });
            }
        }
        catch (RuleException refusal)
        {
            notices.Refuse(refusal);
        }
        finally
        {
            _busy = false;
        }
    }

    private ConfirmRequest Question(SchemaPlan plan)
    {
        var skipped = plan.Skipped.Sum(s => s.Value);
        IReadOnlyList<string> busy = plan.Busy == 0 ? []
            : [plan.Busy == 1 ? T["BusyOne"] : T["BusyMany", Number(plan.Busy)]];
        var question = new ConfirmRequest(
            plan.Run == 1 ? T["UpgradeTitleOne", Figures.Head] : T["UpgradeTitle", Number(plan.Run), Figures.Head],
            plan.Run == 1 ? T["UpgradeEffectOne"] : T["UpgradeEffect", Number(Math.Min(plan.AtOnce, plan.Run))],
            T["Update"])
        {
            DetailsTitle = skipped > 0 ? T["NotNow", Number(skipped)] : busy.Count > 0 ? T["Later"].Value : null,
            Details = [.. plan.Skipped.Select(Skipped), .. busy],
        };
        return BulkQuestion.About(question, plan.Run, newDatabases: 0, plan.Cost, Shared);
    }

    private static string Skipped(KeyValuePair<string, int> skipped) =>
        $"{Number(skipped.Value)} — {new Message(skipped.Key).Render()}";
}
