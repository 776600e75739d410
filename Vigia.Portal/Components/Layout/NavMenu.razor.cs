using System.Reflection;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.Localization;
using Vigia.Core.Foundation.Access;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Layout;

/// <summary>
/// The menu: always visible on a wide screen, an overlay on a narrow one. Pages put themselves into it with
/// <see cref="InMenuAttribute"/>.
/// </summary>
public sealed partial class NavMenu(StaffSession session, IStringLocalizerFactory texts)
{
    private sealed record Entry(string Address, string Right, InMenuAttribute Look);

    private static readonly IReadOnlyList<Entry> Entries =
    [
        .. from page in typeof(NavMenu).Assembly.GetTypes()
           let look = page.GetCustomAttribute<InMenuAttribute>()
           where look is not null
           orderby look.Place
           select new Entry(
               page.GetCustomAttribute<RouteAttribute>()!.Template,
               page.GetCustomAttribute<RequiresRightAttribute>()!.Right, look),
    ];

    [Parameter]
    public bool Open { get; set; }

    [Parameter]
    public EventCallback OnClose { get; set; }

    // The menu leaves out the entries that the person may not use.
    private Actor? Person { get; set; }

    protected override async Task OnInitializedAsync() => Person = await session.ActorAsync();

    // Until the person is known, only what every role may see is there, so that no entry comes and goes.
    private bool IsShown(Entry entry) =>
        Person?.May(entry.Right) ?? Rights.ByRole.Values.All(held => held.Contains(entry.Right));

    private Task CloseOnEscapeAsync(KeyboardEventArgs e) =>
        Open && e.Key == "Escape" ? OnClose.InvokeAsync() : Task.CompletedTask;
}
