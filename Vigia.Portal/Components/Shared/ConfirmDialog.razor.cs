using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Vigia.Portal.Components.Shared;

/// <summary>What is about to happen, said in one sentence, and what is asked before it does.</summary>
/// <param name="Title">A question: "¿Suspender a Laboratorios Andinos?"</param>
/// <param name="Effect">The effect in one sentence.</param>
/// <param name="Action">The verb on the button.</param>
public sealed record ConfirmRequest(string Title, string Effect, string Action)
{
    public bool Destructive { get; init; }

    /// <summary>Another word for the safe choice, where "Cancelar" would read as what is asked.</summary>
    public string? Dismiss { get; init; }

    /// <summary>Reasons to choose from (code, text); none are asked for when empty.</summary>
    public IReadOnlyList<(string Code, string Text)> Reasons { get; init; } = [];

    /// <summary>Above <see cref="Details"/>.</summary>
    public string? DetailsTitle { get; init; }

    /// <summary>What else to know before deciding, a line each.</summary>
    public IReadOnlyList<string> Details { get; init; } = [];

    public bool AsksText { get; init; }
    public bool TextRequired { get; init; }

    /// <summary>The reason code that needs words of its own beside it.</summary>
    public string? CodeThatNeedsText { get; init; }
}

public sealed record ConfirmAnswer(string? ReasonCode, string? ReasonText);

/// <summary>Asks before something happens. The safe choice has the focus, Esc is the safe choice.</summary>
public sealed partial class ConfirmDialog
{
    private MudButton? _cancel;
    private string? _code;
    private string? _text;
    private bool _tried;

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = default!;

    [Parameter, EditorRequired]
    public ConfirmRequest Request { get; set; } = default!;

    private bool TextMissing => Request.AsksText && string.IsNullOrWhiteSpace(_text) && (Request.TextRequired || (_code is not null && _code == Request.CodeThatNeedsText));

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && _cancel is not null)
        {
            await _cancel.FocusAsync();
        }
    }

    private void Confirm()
    {
        _tried = true;
        if ((Request.Reasons.Count > 0 && string.IsNullOrEmpty(_code)) || TextMissing)
        {
            return;
        }

        Dialog.Close(DialogResult.Ok(new ConfirmAnswer(_code, string.IsNullOrWhiteSpace(_text) ? null : _text.Trim())));
    }
}
