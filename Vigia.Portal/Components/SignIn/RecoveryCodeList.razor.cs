using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.SignIn;

/// <summary>Shows new recovery codes. They can't be read again later.</summary>
public sealed partial class RecoveryCodeList
{
    [Parameter, EditorRequired]
    public IReadOnlyList<string> Codes { get; set; } = [];
}
