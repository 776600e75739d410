using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// A field for a day, with label, help and error. The day can be typed, in the order of the reader's language, or
/// chosen in a calendar. A text that is not a date stays in the field, with an error. See
/// docs/decisions/interface.md#d190.
/// </summary>
public sealed partial class DateField
{
    /// <summary>The id of the input.</summary>
    [Parameter, EditorRequired]
    public string Id { get; set; } = "";

    [Parameter, EditorRequired]
    public string Label { get; set; } = "";

    [CascadingParameter]
    private DraftForm? Form { get; set; }

    [Parameter]
    public DayEntry Value { get; set; }

    [Parameter]
    public EventCallback<DayEntry> ValueChanged { get; set; }

    [Parameter]
    public string? Help { get; set; }

    [Parameter]
    public string? Error { get; set; }

    [Parameter]
    public bool Required { get; set; }

    /// <summary>The first day that the calendar offers. The service checks a typed day.</summary>
    [Parameter]
    public DateOnly? Min { get; set; }

    /// <summary>The last day that the calendar offers. The service checks a typed day.</summary>
    [Parameter]
    public DateOnly? Max { get; set; }

    /// <summary>CSS class for the layout in the form: <c>grow</c>, <c>wide</c>.</summary>
    [Parameter]
    public string? Class { get; set; }

    private string? Problem => Value.IsUnreadable ? T["DayUnreadable"] : Error;

    private static DateTime? AsTime(DateOnly? day) => day?.ToDateTime(TimeOnly.MinValue);

    private Task TypedAsync(string? text) => ValueChanged.InvokeAsync(DayEntry.Read(text));

    // The calendar also reports the day that it was given, and none for a text that is not a date.
    private Task ChosenAsync(DateTime? time)
    {
        if (time is not { } chosen || DateOnly.FromDateTime(chosen) == Value.Day)
        {
            return Task.CompletedTask;
        }

        DayEntry entry = (DateOnly?)DateOnly.FromDateTime(chosen);
        Form?.Keep(Id, entry.Text);
        return ValueChanged.InvokeAsync(entry);
    }
}
