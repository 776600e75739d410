namespace Vigia.Core.Registry.Master;

/// <summary>Selects the rows of one page of a sorted list.</summary>
/// <param name="Page">From 1; from -1 downwards, counted from the end.</param>
/// <param name="Size">The number of rows.</param>
/// <param name="IsPlaced">Whether the list is read from a place, and not from its beginning or its end.</param>
/// <param name="Before">With a place: whether the rows before it are wanted.</param>
internal sealed record ListSpan(int Page, int Size, bool IsPlaced = false, bool Before = false)
{
    /// <summary>Whether rows are read towards the end of the list.</summary>
    public bool IsForward => IsPlaced ? !Before : Page > 0;
}

/// <summary>The rows that were read, and what surrounds them.</summary>
internal sealed record ListSlice<T>(List<T> Rows, int Page, bool HasPrevious, bool HasNext);

/// <summary>
/// Reads one page of a sorted list: from a place, from either end, or by its number. One row more than needed is read,
/// which says whether there is another page.
/// </summary>
/// <param name="parts">
/// Returns the list in the direction of a span, sorted, in consecutive parts. All but the last are short.
/// </param>
/// <param name="readAsync">Reads the rows of a part.</param>
internal sealed class ListReading<T, TRow>(
    Func<ListSpan, IReadOnlyList<IQueryable<T>>> parts,
    Func<IQueryable<T>, CancellationToken, Task<List<TRow>>> readAsync)
{
    /// <summary>
    /// Reads the page and counts the list. A first page that has all rows is its own count, and rows cost less to read
    /// than to count and to read.
    /// </summary>
    public async Task<(ListSlice<TRow> Slice, ListTotal Total)> ReadAsync(
        ListSpan span, Func<CancellationToken, Task<ListTotal>> countAsync, CancellationToken cancellationToken)
    {
        if (span is not { IsPlaced: false, Page: 1 })
        {
            var counted = await countAsync(cancellationToken);
            return (await ReadAsync(span, counted, cancellationToken), counted);
        }

        var rows = await ReadRowsAsync(span, span.Size + 1, cancellationToken);
        var hasMore = rows.Count > span.Size;
        if (!hasMore)
        {
            var all = new ListTotal(rows.Count, IsExact: true);
            return (Slice(span, all, rows, hasMore: false), all);
        }

        rows.RemoveAt(span.Size);
        var total = await countAsync(cancellationToken);
        return (Slice(span, total, rows, hasMore: true), total);
    }

    /// <summary>Reads the page.</summary>
    public async Task<ListSlice<TRow>> ReadAsync(ListSpan span, ListTotal total, CancellationToken cancellationToken)
    {
        // The last page has what the pages before it leave, if their number is known.
        var size = span is { IsPlaced: false, Page: -1 } && total is { IsExact: true, Count: > 0 }
            ? ((total.Count - 1) % span.Size) + 1 : span.Size;
        var rows = await ReadRowsAsync(span, size + 1, cancellationToken);
        var hasMore = rows.Count > size;
        if (hasMore)
        {
            rows.RemoveAt(size);
        }

        if (span is { IsPlaced: true, Before: true } && rows.Count < span.Size)
        {
            // Rows have gone since the pages were numbered: this is the beginning.
            return await ReadAsync(new ListSpan(1, span.Size), total, cancellationToken);
        }

        if (!span.IsForward)
        {
            rows.Reverse();
        }

        return Slice(span, total, rows, hasMore);
    }

    private async Task<List<TRow>> ReadRowsAsync(ListSpan span, int wanted, CancellationToken cancellationToken)
    {
        var skip = span.IsPlaced ? 0 : (Math.Abs((long)span.Page) - 1) * span.Size;
        var rows = new List<TRow>();
        foreach (var part in parts(span))
        {
            var beyond = skip > 0 ? part.Skip((int)Math.Min(skip, int.MaxValue)) : part;
            var found = await readAsync(ListTotal.UpTo(beyond, wanted - rows.Count), cancellationToken);
            if (skip > 0 && found.Count == 0)
            {
                skip -= (await readAsync(part.Take(wanted), cancellationToken)).Count;
                continue;
            }

            skip = 0;
            rows.AddRange(found);
            if (rows.Count >= wanted)
            {
                break;
            }
        }

        return rows;
    }

    private static ListSlice<TRow> Slice(ListSpan span, ListTotal total, List<TRow> rows, bool hasMore)
    {
        var pages = Math.Max(1, (total.Count + span.Size - 1) / span.Size);
        var page = span switch
        {
            // Rows came or went since the pages were numbered.
            { IsForward: true, IsPlaced: true, Page: < 0 } when !hasMore => -1,
            { IsForward: false, IsPlaced: true, Page: > 0 } when !hasMore => 1,
            _ => span.Page,
        };
        page = page < 0 && total.IsExact ? Math.Max(1, pages + 1 + page) : page;
        return span.IsForward
            ? new ListSlice<TRow>(rows, page, span.IsPlaced || span.Page > 1, hasMore)
            : new ListSlice<TRow>(rows, page, hasMore, span.IsPlaced || span.Page < -1);
    }
}
