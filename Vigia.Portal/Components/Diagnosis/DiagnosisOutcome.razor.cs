using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Diagnosis;
using Vigia.Core.Foundation.Dates;
using Vigia.Portal.Components.Operations;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Diagnosis;

/// <summary>The answer of a diagnosis, with a button that copies all of it as text.</summary>
public sealed partial class DiagnosisOutcome(BrowserCalls browser)
{
    private bool? _copied;

    [Parameter, EditorRequired]
    public DiagnosisResult Result { get; set; } = default!;

    private string Answer =>
        string.Create(CultureInfo.InvariantCulture, $"{Result.Verdict.Status} {Result.Verdict.Code}");

    private static StateLook LookOf(VoteOutcome outcome) => outcome switch
    {
        VoteOutcome.Tenant => new(Tone.Good, Icons.Material.Outlined.CheckCircle, ""),
        VoteOutcome.Alias => new(Tone.Warning, Icons.Material.Outlined.History, ""),
        VoteOutcome.Silent => new(Tone.Quiet, Icons.Material.Outlined.RemoveCircleOutline, ""),
        _ => new(Tone.Bad, Icons.Material.Outlined.ErrorOutline, ""),
    };

    private static StateLook LookOf(bool? isWell) => isWell switch
    {
        true => new(Tone.Good, Icons.Material.Outlined.CheckCircle, ""),
        false => new(Tone.Bad, Icons.Material.Outlined.ErrorOutline, ""),
        null => new(Tone.Quiet, Icons.Material.Outlined.Info, ""),
    };

    private static string WordOf(bool? isWell) => isWell switch { true => "Well", false => "Unwell", null => "Noted" };

    private async Task CopyAsync() => _copied = await browser.AskOnceAsync<bool>("vigia.copy", Ending, TextOf());

    // Everything that is on the page, in the reader's language. The pasted text is not on it.
    private string TextOf()
    {
        var text = new StringBuilder();
        Line($"{T["Title"]} · {LimaTime.Exact(Result.At)}");
        Line(Result.Verdict.Words.Render());
        Line($"{T["Answer"]} {Answer}");
        foreach (var vote in Result.Votes)
        {
            Line($"{T[$"Strategy_{vote.Strategy}"]}: {T[$"Outcome_{vote.Outcome}"]}. {vote.Words.Render()}");
        }

        if (Result.Tenant is { } tenant)
        {
            Line($"{tenant.LegalName ?? T["Strategy_Legacy"]} · {tenant.Subdomain} · {tenant.DatabaseName}");
            foreach (var fact in Result.Facts)
            {
                Line($"{T[WordOf(fact.IsWell)]}: {fact.Words.Render()}");
            }

            foreach (var error in Result.Errors)
            {
                Line($"{OperationWords.Kind(error.Kind, Operations)} · {LimaTime.Exact(error.At)} · "
                    + $"{error.Error.RenderHead()} · {error.TraceId}");
            }
        }

        Line($"{T["TraceId"]}: {Result.TraceId}");
        return text.ToString();

        void Line(string line) => text.AppendLine(line);
    }
}
