using Vigia.Core.Errors;

namespace Vigia.Core.Tenants;

/// <summary>
/// A Peruvian tax id: 11 digits, prefix 10, 15, 16, 17 or 20, and a check digit: weights 5,4,3,2,7,6,5,4,3,2; 11 − sum mod 11, less 10 where that is
/// 10 or 11 (facts 6 and 7.8, from SUNAT's own script). Valid means well-formed: whether it exists, SUNAT knows.
/// </summary>
public readonly record struct Ruc
{
    private static readonly int[] Weights = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2];

    /// <summary>Spaces and hyphens, as people paste them, are dropped.</summary>
    /// <exception cref="InvalidInputException">Field <c>ruc</c>.</exception>
    public Ruc(string? text)
    {
        var digits = Normalize(text);
        if (Problem(digits) is { } problem)
        {
            throw new InvalidInputException("ruc", problem);
        }

        Value = digits;
    }

    public string Value { get; }

    /// <summary>With any prefix but 20 the name is a person's ("Apellidos y nombres").</summary>
    public bool IsPerson => !Value.StartsWith("20", StringComparison.Ordinal);

    public static string Normalize(string? text) => (text ?? "").Replace(" ", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).Trim();

    /// <summary>What is wrong with it; null when nothing is.</summary>
    public static Message? Problem(string? text)
    {
        var digits = Normalize(text);
        return digits switch
        {
            "" => new Message("ruc_required"),
            _ when !digits.All(char.IsAsciiDigit) => new Message("ruc_digits_only"),
            { Length: not 11 } => new Message("ruc_length", digits.Length.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            _ when digits[..2] is not ("10" or "15" or "16" or "17" or "20") => new Message("ruc_prefix", digits[..2]),
            _ when digits[10] - '0' != CheckDigit(digits) => new Message("ruc_check_digit"),
            _ => null,
        };
    }

    public override string ToString() => Value;

    private static int CheckDigit(string digits)
    {
        var rest = 11 - (Weights.Select((weight, i) => weight * (digits[i] - '0')).Sum() % 11);
        return rest >= 10 ? rest - 10 : rest;
    }
}
