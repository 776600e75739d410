using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Registry.Tenants;

/// <summary>
/// A Peruvian tax id: 11 digits, prefix 10, 15, 16, 17 or 20, and a check digit. The weights are 5,4,3,2,7,6,5,4,3,2.
/// The check digit is 11 − sum mod 11, minus 10 if that is 10 or 11 (docs/rules.md#ruc). A valid RUC is only
/// well-formed. Only SUNAT knows whether it exists.
/// </summary>
public readonly record struct Ruc
{
    private static readonly int[] Weights = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2];

    /// <summary>Removes spaces and hyphens, which people often paste.</summary>
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

    public static string Normalize(string? text) =>
        (text ?? "").Replace(" ", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).Trim();

    /// <summary>
    /// Whether the name is that of a person ("Apellidos y nombres"): true for all prefixes except 20. Takes a RUC that
    /// is still being typed, or that another program stored; false while its prefix is not known.
    /// </summary>
    public static bool IsOfPerson(string? text) =>
        Normalize(text) is { Length: > 1 } digits && !digits.StartsWith("20", StringComparison.Ordinal);

    /// <summary>Says what is wrong. Null when nothing is wrong.</summary>
    public static Message? Problem(string? text)
    {
        var digits = Normalize(text);
        return digits switch
        {
            "" => new Message("ruc_required"),
            _ when !digits.All(char.IsAsciiDigit) => new Message("ruc_digits_only"),
            { Length: not 11 } =>
                new Message("ruc_length", digits.Length.ToString(System.Globalization.CultureInfo.InvariantCulture)),
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
