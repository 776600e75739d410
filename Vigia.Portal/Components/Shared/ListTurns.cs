using System.Globalization;
using Microsoft.Extensions.Localization;
using Vigia.Core.Registry.Master;

namespace Vigia.Portal.Components.Shared;

/// <summary>To which page of a list.</summary>
public enum ListTurn
{
    First,
    Previous,
    Next,
    Last,
}

/// <summary>Where a turn of the page leads, and how the length of a list is said.</summary>
public static class ListTurns
{
    /// <summary>The number of the page, and the row beside which it begins.</summary>
    public static (int Page, ListPlace<TId>? Place) To<T, TId>(
        ListTurn turn, ListPage<T> page, Func<T, TId> id) => turn switch
        {
            ListTurn.First => (1, null),
            ListTurn.Last => (-1, null),
            ListTurn.Next => (page.Page == -1 ? -1 : page.Page + 1, new(id(page.Items[^1]), Before: false)),
            _ => (page.Page == 1 ? 1 : page.Page - 1, new(id(page.Items[0]), Before: true)),
        };

    /// <summary>The number of rows: "123", or "more than 10,000".</summary>
    public static string TotalText<T>(IStringLocalizer<SharedText> texts, ListPage<T> page) =>
        page.TotalIsExact ? Number(page.Total) : texts["MoreThan", Number(page.Total)];

    /// <summary>A count that was made up to one more than <see cref="ListTotal.Most"/>.</summary>
    public static string CountText(IStringLocalizer<SharedText> texts, int count) =>
        count > ListTotal.Most ? texts["MoreThan", Number(ListTotal.Most)] : Number(count);

    public static string Number(long number) => number.ToString("N0", CultureInfo.CurrentCulture);

    /// <summary>Reads a page number from an address: from 1, or from -1 downwards.</summary>
    public static int ParsePage(string? text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var page)
            && page is not 0 and > -1_000_000 ? page : 1;

    /// <summary>Reads a place from an address; null when there is none.</summary>
    public static ListPlace<TId>? ParsePlace<TId>(string? after, string? before)
        where TId : struct, IParsable<TId> =>
        TId.TryParse(after, CultureInfo.InvariantCulture, out var id) ? new(id, Before: false)
            : TId.TryParse(before, CultureInfo.InvariantCulture, out id) ? new(id, Before: true) : null;

    /// <summary>The part of an address that says the page: its number and its place.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Address<TId>(int page, ListPlace<TId>? place) =>
    [
        new("pagina", page == 1 ? null : page.ToString(CultureInfo.InvariantCulture)),
        new("tras", place is { Before: false } after ? Text(after.Id) : null),
        new("antes", place is { Before: true } before ? Text(before.Id) : null),
    ];

    private static string Text<TId>(TId id) => string.Create(CultureInfo.InvariantCulture, $"{id}");
}
