using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Account.Pages;

/// <summary>Where a form leads that was not taken because it was too old; see <see cref="StaleForms"/>.</summary>
public sealed partial class StaleFormPage
{
    [SupplyParameterFromQuery]
    private string? ReturnUrl { get; set; }
}
