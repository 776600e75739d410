using Microsoft.AspNetCore.Components;
using Vigia.Core.Isolation;

namespace Vigia.Portal.Components.Isolation;

/// <summary>What was tried, against what, and what happened.</summary>
public sealed partial class AttemptTable
{
    [Parameter, EditorRequired]
    public string Caption { get; set; } = "";

    [Parameter, EditorRequired]
    public IReadOnlyList<IsolationAttempt> Attempts { get; set; } = [];
}
