using System.Globalization;
using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Shared;

/// <summary>A size in a readable unit, with the exact number of bytes on hover.</summary>
public sealed partial class HumanSize
{
    private static readonly string[] Units = ["B", "KB", "MB", "GB", "TB", "PB"];

    [Parameter, EditorRequired]
    public long? Bytes { get; set; }

    /// <summary>Formats a size with three significant digits. Units are multiples of 1024, as in PostgreSQL.</summary>
    public static string Format(long bytes)
    {
        double value = bytes;
        var unit = 0;
        while (Math.Abs(value) >= 1023.5 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return value.ToString(
            unit == 0 || value >= 99.95 ? "0" : value >= 9.995 ? "0.#" : "0.##", CultureInfo.CurrentCulture) + " "
            + Units[unit];
    }
}
