using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using Vigia.Core.Errors;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Operations;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Team;

/// <summary>What takes access away: the second factor of who lost it, or everything. Disabling first says what the person holds and what becomes of each.</summary>
public sealed partial class MemberDanger
{
    [Parameter, EditorRequired]
    public StaffDetails Details { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Parameter, EditorRequired]
    public EventCallback OnChanged { get; set; }

    [Inject]
    private TeamServices Staff { get; set; } = default!;

    [Inject]
    private IStringLocalizer<OperationText> OperationTexts { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    private StaffSummary Member => Details.Member;

    private bool IsMe => Actor.StaffId == Member.Id;

    private bool HasFactor => Member.HasSecondFactor || Member.Passkeys > 0;

    private string? WhyNotDisable => IsMe ? T["NotOnesOwn"].Value
        : Details.IsLastAdministrator ? $"{new Message("staff_last_administrator").Render()} {new Message("staff_last_administrator").RenderAdvice()}"
        : null;

    private async Task ResetFactorAsync()
    {
        var answer = await Page.ConfirmAsync(new ConfirmRequest(T["ResetFactorTitle", Member.FullName], T["ResetFactorEffect"], T["ResetFactorAction"])
        {
            Destructive = true, AsksText = true, TextRequired = true,
        });
        if (answer is not null)
        {
            await TryAsync(() => Staff.Safety.ResetSecondFactorAsync(Actor, Member.Id, answer.ReasonText!, Ending), T["FactorReset", Member.FullName]);
        }
    }

    private async Task DisableAsync()
    {
        var holdings = await Staff.Directory.HoldingsAsync(Actor, Member.Id, Ending);
        var answer = await Page.ConfirmAsync(new ConfirmRequest(T["DisableTitle", Member.FullName], T["DisableEffect"], T["DisableAction"])
        {
            Destructive = true, AsksText = true, TextRequired = true, DetailsTitle = T["HoldsTitle"], Details = [.. Told(holdings)],
        });
        if (answer is not null)
        {
            await TryAsync(() => Staff.Changes.DisableAsync(Actor, Member.Id, answer.ReasonText!, Ending), T["DisabledNow", Member.FullName]);
        }
    }

    private IEnumerable<string> Told(StaffHoldings holdings)
    {
        yield return holdings.Sessions switch { 0 => T["HoldsNoSession"], 1 => T["HoldsSession"], var many => T["HoldsSessions", many] };
        yield return holdings.Tokens.Count == 0 ? T["HoldsNoToken"].Value : T["HoldsTokens", string.Join(", ", holdings.Tokens.Select(t => $"{t.Name ?? T["TokenOfSignIn"]} ({t.Prefix}…)"))].Value;
        yield return holdings.Approvals.Count == 0 ? T["HoldsNoApproval"].Value : T["HoldsApprovals", Named(holdings.Approvals)].Value;
        yield return holdings.Operations.Count == 0 ? T["HoldsNoOperation"].Value : T["HoldsOperations", Named(holdings.Operations)].Value;
    }

    private string Named(IEnumerable<AskedFor> asked) => string.Join(", ", asked.Select(a => $"{OperationWords.Kind(a.Kind, OperationTexts)}{(a.Subdomain is { } on ? $" ({on})" : null)}"));

    private async Task TryAsync(Func<Task> act, string done)
    {
        try
        {
            await act();
            Page.Say(done);
        }
        catch (InvalidInputException invalid)
        {
            Page.Refuse(new RuleException(invalid.Errors.Values.First()[0]));
        }
        catch (RuleException refusal)
        {
            Page.Refuse(refusal);
        }

        await OnChanged.InvokeAsync();
    }
}
