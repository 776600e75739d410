using Microsoft.AspNetCore.Components;
using Vigia.Core.Lifecycle.Isolation;

namespace Vigia.Portal.Components.Isolation;

/// <summary>The attempts of a proof: the action, its target, and the result.</summary>
public sealed partial class AttemptTable
{
    [Parameter, EditorRequired]
    public string Caption { get; set; } = "";

    [Parameter, EditorRequired]
    public IReadOnlyList<IsolationAttempt> Attempts { get; set; } = [];
}
