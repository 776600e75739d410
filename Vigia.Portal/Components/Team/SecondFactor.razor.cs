using Microsoft.AspNetCore.Components;
using Vigia.Core.Staff.Team;

namespace Vigia.Portal.Components.Team;

/// <summary>The second factors of a person.</summary>
public sealed partial class SecondFactor
{
    [Parameter, EditorRequired]
    public StaffSummary Member { get; set; } = default!;

    private bool IsThere => Member.HasSecondFactor || Member.Passkeys > 0;

    private string Words => (Member.HasSecondFactor, Member.Passkeys) switch
    {
        (false, 0) => T["FactorNone"],
        (true, 0) => T["FactorCode"],
        (false, 1) => T["PasskeyOne"],
        (false, var many) => T["PasskeyMany", many],
        (true, 1) => $"{T["FactorCode"]} · {T["PasskeyOne"]}",
        (true, var many) => $"{T["FactorCode"]} · {T["PasskeyMany", many]}",
    };
}
