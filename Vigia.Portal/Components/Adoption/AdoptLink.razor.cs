using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Adoption;

namespace Vigia.Portal.Components.Adoption;

/// <summary>
/// A link to the adoption, beside the notice that tenants are not managed. It is shown only to a person with the right
/// to adopt, while adopting is on.
/// </summary>
public sealed partial class AdoptLink(IOptions<AdoptionOptions> options)
{
    [Parameter, EditorRequired]
    public Actor? Actor { get; set; }
}
