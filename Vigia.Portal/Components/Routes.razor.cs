using Microsoft.AspNetCore.Components;
using Vigia.Portal.Components.Account;

namespace Vigia.Portal.Components;

/// <summary>
/// Finds the page of an address. Pages are for signed-in staff unless they say otherwise (<c>_Imports.razor</c>). It is also where the
/// document hands the circuit what only its request knew; Blazor seals these values, a browser can't change them.
/// </summary>
public sealed partial class Routes
{
    /// <summary>Whether the browser's cookie asks for the dark theme.</summary>
    [Parameter]
    public bool Dark { get; set; }

    /// <summary>Where the request came from.</summary>
    [Parameter]
    public string? Address { get; set; }

    [Inject]
    private StaffSession Session { get; set; } = default!;

    protected override void OnInitialized() => Session.Address = Address;
}
