using System.Globalization;

namespace Vigia.Tests.Infrastructure;

/// <summary>Valid RUCs (docs/rules.md#ruc), one for each number.</summary>
public static class Rucs
{
    private static readonly int[] Weights = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2];

    public static string Next(int number)
    {
        var digits = "20" + number.ToString("D8", CultureInfo.InvariantCulture);
        var check = 11 - (Enumerable.Range(0, 10).Sum(i => (digits[i] - '0') * Weights[i]) % 11);
        return digits + (check >= 10 ? check - 10 : check).ToString(CultureInfo.InvariantCulture);
    }
}
