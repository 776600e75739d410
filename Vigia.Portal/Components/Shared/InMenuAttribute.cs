namespace Vigia.Portal.Components.Shared;

/// <summary>Puts a page into the main menu, for everybody who holds the right of the page.</summary>
/// <param name="place">The place in the menu. Entries are sorted by it.</param>
/// <param name="icon">An icon of MudBlazor.</param>
/// <param name="texts">The class that names the resources of the feature.</param>
/// <param name="title">The key of the entry's text in these resources.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class InMenuAttribute(int place, string icon, Type texts, string title) : Attribute
{
    public int Place => place;

    public string Icon => icon;

    public Type Texts => texts;

    public string Title => title;

    /// <summary>A component behind the text, with the parameter <c>Person</c>. Null for none.</summary>
    public Type? Badge { get; init; }
}
