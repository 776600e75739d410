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
    private const int LongestJudged = 100;

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
        password = SafeText.Normalize(password);
        if (password.Length < Shortest)
        {
            return $"it has {password.Length} characters, it needs {Shortest} or more";
        }

        var known = own.OfType<string>().SelectMany(word => Parts(word).Append(word)).Concat(Words);
        var judged = password.Length > LongestJudged ? password[..LongestJudged] : password;
        return Estimate.EvaluatePassword(judged, known.Distinct()).Score >= LowestScore
            ? null : "it is too easy to guess; a phrase of several words is better";
    }

    private static IEnumerable<string> Parts(string word) =>
        word.Split([' ', '@', '.', '-', '_', '+'], StringSplitOptions.RemoveEmptyEntries)
            .Where(part => part.Length > 2);
}
