using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.SignIn.Pages;

/// <summary>The page for a form that was too old and was refused. See <see cref="StaleForms"/>.</summary>
public sealed partial class StaleFormPage
{
    [SupplyParameterFromQuery]
    private string? ReturnUrl { get; set; }
}
