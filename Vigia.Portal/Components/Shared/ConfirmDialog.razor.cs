using System.Globalization;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Vigia.Portal.Components.Shared;

/// <summary>A question to the person before an action, with its effect in one sentence.</summary>
/// <param name="Title">A question: "¿Suspender a Laboratorios Andinos?"</param>
/// <param name="Effect">The effect in one sentence.</param>
/// <param name="Action">The verb on the button.</param>
public sealed record ConfirmRequest(string Title, string Effect, string Action)
{
    /// <summary>The name of what the action is about, for a refusal that comes after the page has moved on.</summary>
    public string? Subject { get; init; }

    public bool Destructive { get; init; }

    /// <summary>The label of the safe choice when "Cancelar" could be read as the action itself.</summary>
    public string? Dismiss { get; init; }

    /// <summary>Reasons to choose from (code, text). No reason is asked for when the list is empty.</summary>
    public IReadOnlyList<(string Code, string Text)> Reasons { get; init; } = [];

    /// <summary>The heading above <see cref="Names"/>.</summary>
    public string? NamesTitle { get; init; }

    /// <summary>The names of what the action is about, when it is about several.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>The heading above <see cref="Details"/>.</summary>
    public string? DetailsTitle { get; init; }

    /// <summary>Facts that the person needs for the decision, one per line.</summary>
    public IReadOnlyList<string> Details { get; init; } = [];

    /// <summary>The costs of the action, each with its label.</summary>
    public IReadOnlyList<(string Label, string Value)> Costs { get; init; } = [];

    /// <summary>The number that the person has to type. Null when none is asked for.</summary>
    public int? TypedCount { get; init; }

    /// <summary>Whether a text is asked for. Then there is a <see cref="Draft"/>.</summary>
    public bool AsksText { get; init; }
    public bool TextRequired { get; init; }

    /// <summary>The reason code that also requires a text.</summary>
    public string? CodeThatNeedsText { get; init; }

    /// <summary>The name of the draft of reason and text. Null for a question that asks for neither.</summary>
    public DraftName? Draft { get; init; }
}

public sealed record ConfirmAnswer(string? ReasonCode, string? ReasonText);

/// <summary>
/// Asks for confirmation before an action and runs the action. Typed text stays until the action is done: when the
/// text is refused or the master is away, the person continues from it. The safe choice has the focus, and Esc selects
/// it.
/// </summary>
public sealed partial class ConfirmDialog(PageNotices notices) : FormDialog(notices)
{
    private MudButton? _cancel;
    private string? _code;
    private string? _text;
    private string _count = "";

    [Parameter, EditorRequired]
    public ConfirmRequest Request { get; set; } = default!;

    /// <summary>The action. Null for a question whose answer is enough.</summary>
    [Parameter]
    public Func<ConfirmAnswer, Task>? ActAsync { get; set; }

    protected override string Subject => Request.Subject ?? Request.Title;

    protected override IEnumerable<string> Missing => Lacking(
        (Request.Reasons.Count == 0 || !string.IsNullOrEmpty(_code), T["Reason"]),
        (!TextMissing, T[Request.Reasons.Count > 0 ? "ReasonText" : "Reason"]), (!CountWrong, T["TenantCount"]));

    private bool TextMissing =>
        Request.AsksText && string.IsNullOrWhiteSpace(_text)
        && (Request.TextRequired || (_code is not null && _code == Request.CodeThatNeedsText));

    // Separators are as the person likes them.
    private string Digits => string.Concat(_count.Where(char.IsDigit));

    private bool CountWrong => Request.TypedCount is { } count
        && Digits != count.ToString(CultureInfo.InvariantCulture);

    // Nothing is wrong with a number that is still being typed.
    private string? CountError => CountWrong && Digits.Length >=
        Request.TypedCount!.Value.ToString(CultureInfo.InvariantCulture).Length ? T["TypeCountWrong"].Value : null;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && _cancel is not null)
        {
            await _cancel.FocusAsync();
        }
    }

    private Task ConfirmAsync()
    {
        if (!IsComplete)
        {
            return Task.CompletedTask;
        }

        var answer = new ConfirmAnswer(_code, string.IsNullOrWhiteSpace(_text) ? null : _text.Trim());
        return SubmitAsync(async () =>
        {
            if (ActAsync is not null)
            {
                await ActAsync(answer);
            }

            Dialog.Close(DialogResult.Ok(answer));
        });
    }
}
