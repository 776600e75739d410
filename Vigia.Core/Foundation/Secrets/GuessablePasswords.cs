using Vigia.Core.Foundation.Text;

namespace Vigia.Core.Foundation.Secrets;

/// <summary>
/// Recognises passwords that an attacker guesses soon, by zxcvbn's estimate of the number of guesses. A person's own
/// words and those of the product count as known.
/// </summary>
public static class GuessablePasswords
{
    private const int Shortest = 8;

    // Holds the dictionaries, which take a while to load.
    private static readonly Zxcvbn.Zxcvbn Estimate = new();

    // Of 0 to 4. At 3 the estimated time to guess it is more than ten days.
    private const int LowestScore = 3;

    // The time of the estimate grows with the square of the length, and a long password is a good one.
    private const int LongestRated = 100;

    // The library's dictionaries are English. These are the words of Spanish passwords and of this product.
    private static readonly string[] Words =
    [
        "vigia", "vigiaportal", "portal", "farmacovigilancia", "digemid", "cliente", "midominio", "empresa",
        "contraseña", "contrasena", "clave", "secreto", "acceso", "sistema", "usuario", "administrador", "invitado",
        "cambiame", "prueba", "bienvenido", "bienvenida", "hola", "teamo", "futbol", "peru", "lima", "viveperu",
        "arribaperu", "alianzalima", "universitario", "verano", "invierno", "primavera", "otoño", "enero", "febrero",
        "marzo", "abril", "mayo", "junio", "julio", "agosto", "setiembre", "octubre", "noviembre", "diciembre",
        "jesus", "maria", "carlos",
    ];

    /// <summary>
    /// Says why a password must not be used, or returns null. The answer never repeats the password.
    /// <paramref name="own"/> are words that others know of the person, such as name and address.
    /// </summary>
    public static string? Problem(string password, params IEnumerable<string?> own)
    {
        if (LengthProblem(password) is { } tooShort)
        {
            return tooShort;
        }

        // Rated in the form that is hashed: in another one, full-width letters for example, it is in no dictionary.
        // Accents are typed or left out, in words and in passwords, so both forms of both are compared.
        password = PasswordText.Normalize(password);
        var rated = password.Length > LongestRated ? password[..LongestRated] : password;
        var known = own.OfType<string>().Select(PasswordText.Normalize).SelectMany(word => Parts(word).Append(word))
            .Concat(Words).SelectMany(word => new[] { word, WithoutAccents(word) }).Distinct().ToList();
        return new[] { rated, WithoutAccents(rated) }.Distinct()
            .All(form => Estimate.EvaluatePassword(form, known).Score >= LowestScore)
            ? null : "it is too easy to guess; a phrase of several words is better";
    }

    /// <summary>
    /// Says that a password is too short, or returns null. <see cref="Problem"/> says this too.
    /// </summary>
    public static string? LengthProblem(string password) =>
        PasswordText.Normalize(password).Length is var length and < Shortest
            ? $"it has {length} characters, it needs {Shortest} or more" : null;

    private static string WithoutAccents(string text) => text.All(char.IsAscii) ? text : SafeText.Fold(text);

    private static IEnumerable<string> Parts(string word) =>
        word.Split([' ', '@', '.', '-', '_', '+'], StringSplitOptions.RemoveEmptyEntries)
            .Where(part => part.Length > 2);
}
