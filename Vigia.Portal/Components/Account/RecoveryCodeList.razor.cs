using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Account;

/// <summary>Recovery codes, the only time they can be read.</summary>
public sealed partial class RecoveryCodeList
{
    [Parameter, EditorRequired]
    public IReadOnlyList<string> Codes { get; set; } = [];
}
