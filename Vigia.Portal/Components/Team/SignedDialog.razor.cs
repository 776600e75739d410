using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Staff.Team;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Team;

/// <summary>A signed action on a person's account.</summary>
/// <param name="Title">A question.</param>
/// <param name="Effect">The effect in one sentence.</param>
/// <param name="Action">The verb on the button.</param>
/// <param name="What">Builds the signed action from the typed reason.</param>
/// <param name="Meaning">The meaning of the signature, as a message code.</param>
/// <param name="Subject">The account, in one line.</param>
/// <param name="ActAsync">Runs the action with the reason and the proof.</param>
public sealed record SignedRequest(
    string Title, string Effect, string Action, Func<string?, SignedAction> What, string Meaning, string Subject,
    Func<string?, string?, Task<StaffOutcome>> ActAsync)
{
    public bool Destructive { get; init; }

    /// <summary>Whether a reason is asked for. Then there is a <see cref="Draft"/>.</summary>
    public bool AsksReason { get; init; }

    /// <summary>The name of the draft of the reason. Null when none is asked for.</summary>
    public DraftName? Draft { get; init; }

    public StaffWay Way { get; init; }

    /// <summary>The heading above <see cref="Details"/>.</summary>
    public string? DetailsTitle { get; init; }

    /// <summary>Facts that the person needs for the decision, one per line.</summary>
    public IReadOnlyList<string> Details { get; init; } = [];
}

/// <summary>
/// Asks for confirmation and re-authentication before an action on an account. The safe choice has the focus. Closes
/// with the outcome.
/// </summary>
public sealed partial class SignedDialog(PageNotices notices) : FormDialog(notices)
{
    private MudButton? _cancel;
    private string? _reason;

    [Parameter, EditorRequired]
    public SignedRequest Request { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override string Subject => Request.Subject;

    protected override IEnumerable<string> Missing => Lacking(
        (!Request.AsksReason || !string.IsNullOrWhiteSpace(_reason), Shared["Reason"]),
        (IsSigned, Shared["Signature"]));

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && _cancel is not null)
        {
            await _cancel.FocusAsync();
        }
    }

    private async Task SignAsync()
    {
        await SubmitAsync(async () =>
        {
            Dialog.Close(DialogResult.Ok(await Request.ActAsync(_reason, Proof)));
        });
    }
}
