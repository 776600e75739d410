using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// The route of a page about one object. When the address changes to another object, the page is created anew. So no
/// typed text, late answer or open dialog of the previous object remains. Every page whose address has a parameter is
/// built this way.
/// </summary>
/// <typeparam name="TPage">The page. It has a parameter <c>Id</c>, which never changes during its lifetime.</typeparam>
/// <typeparam name="TId">The type of the id.</typeparam>
public abstract class PageOf<TPage, TId> : ComponentBase
    where TPage : IComponent, IWholePage
{
    [Parameter]
    public TId Id { get; set; } = default!;

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        builder.OpenComponent<TPage>(0);
        builder.SetKey(Id);
        builder.AddComponentParameter(1, nameof(Id), Id);
        builder.CloseComponent();
    }
}
