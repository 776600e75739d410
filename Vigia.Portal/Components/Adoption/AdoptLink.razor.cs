using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Adoption;

namespace Vigia.Portal.Components.Adoption;

/// <summary>
/// Leads to the adoption, beside what says that tenants are not managed. Nothing for a person who may not adopt, or
/// where adopting is off.
/// </summary>
public sealed partial class AdoptLink(IOptions<AdoptionOptions> options)
{
    [Parameter, EditorRequired]
    public Actor? Actor { get; set; }
}
