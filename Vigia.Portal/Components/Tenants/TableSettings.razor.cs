using Microsoft.AspNetCore.Components;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>The columns that a person sees and the height of the rows.</summary>
/// <param name="Hidden">Keys of the hidden columns.</param>
/// <param name="Dense">Rows of 32 px instead of 44.</param>
public sealed record TenantTableLook(IReadOnlySet<string> Hidden, bool Dense)
{
    public static TenantTableLook Usual { get; } = new(new HashSet<string>(), false);

    public TenantTableLook With(string key, bool shown) =>
        this with { Hidden = shown ? Hidden.Except([key]).ToHashSet() : Hidden.Append(key).ToHashSet() };

    internal string ToText() => string.Join(' ', Dense ? Hidden.Append("dense") : Hidden);

    /// <summary>Ignores words that it does not know, such as those of an older release.</summary>
    internal static TenantTableLook Parse(string? text)
    {
        var words = (text ?? "").Split(' ');
        return new TenantTableLook(words.Intersect(TenantTable.Optional).ToHashSet(), words.Contains("dense"));
    }
}

/// <summary>Chooses columns and row height of the registry's table. The browser stores the choice.</summary>
public sealed partial class TableSettings(BrowserCalls browser)
{
    private const string Name = "clientes.tabla";

    [Parameter, EditorRequired]
    public TenantTableLook Look { get; set; } = TenantTableLook.Usual;

    [Parameter]
    public EventCallback<TenantTableLook> LookChanged { get; set; }

    protected override async Task OnInitializedAsync()
    {
        var kept = TenantTableLook.Parse(await browser.AskAsync<string>("vigia.preference", Ending, Name));
        await LookChanged.InvokeAsync(kept);
    }

    private async Task SetAsync(TenantTableLook look)
    {
        await LookChanged.InvokeAsync(look);
        browser.Send("vigia.remember", Name, look.ToText());
    }
}
