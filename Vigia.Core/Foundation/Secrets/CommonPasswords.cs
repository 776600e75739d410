namespace Vigia.Core.Foundation.Secrets;

/// <summary>Recognises passwords that an attacker guesses first.</summary>
public static class CommonPasswords
{
    private const int Shortest = 8;

    // The part of a password that remains after digits and signs at its end are cut and 0, 1, 3, 4, 5, @ and $ are read
    // as letters.
    private static readonly HashSet<string> Words = new(StringComparer.OrdinalIgnoreCase)
    {
        "password", "passwort", "contraseña", "contrasena", "clave", "secret", "secreto", "admin", "administrator",
        "administrador", "adminuser", "root",
        "user", "usuario", "test", "testing", "prueba", "demo", "guest", "invitado", "default", "changeme", "cambiame",
        "cambiar", "letmein", "welcome",
        "bienvenido", "bienvenida", "hola", "hello", "master", "system", "sistema", "server", "postgres", "postgresql",
        "login", "access", "acceso",
        "qwerty", "qwertyuiop", "asdfgh", "asdfghjkl", "zxcvbnm", "qazwsx", "qweasd", "qweasdzxc", "qwer", "asdf",
        "abc", "abcd", "abcdef", "abcdefgh", "aaa", "xxx",
        "iloveyou", "teamo", "monkey", "dragon", "sunshine", "princess", "football", "futbol", "baseball", "superman",
        "batman", "shadow", "michael",
        "jesus", "maria", "carlos", "alianzalima", "universitario", "peru", "viveperu", "arribaperu", "lima", "verano",
        "summer", "winter", "trustno",
        "starwars", "pokemon", "whatever", "computer", "internet", "samsung", "google", "facebook", "passw", "pass",
        "p", "a", "q", "qw", "qwe",
    };

    // Passwords that are easy to guess for this product. They are compared without the replacements above.
    private static readonly HashSet<string> BareWords = new(StringComparer.OrdinalIgnoreCase)
    {
        "vigiaportal", "farmacovigilancia", "vigia123", "vigia1234", "vigia2025", "vigia2026", "digemid1", "midominio",
    };

    /// <summary>Says why a password must not be used, or returns null. The answer never repeats the password.</summary>
    public static string? Problem(string password, string? email)
    {
        if (password.Length < Shortest) return $"it has {password.Length} characters, it needs {Shortest} or more";
        if (password.Distinct().Count() < 4) return "it repeats a few characters";
        if (email is not null
            && (password.Equals(email, StringComparison.OrdinalIgnoreCase)
            || password.Equals(email.Split('@')[0], StringComparison.OrdinalIgnoreCase)))
            return "it is the e-mail address";
        return IsSequence(password) || IsKnownWord(password)
            || BareWords.Contains(password) ? "it is one of the passwords that are guessed first" : null;
    }

    /// <summary>Whether each step to the next character is the same: 12345678, 87654321, abcdefgh.</summary>
    private static bool IsSequence(string password)
    {
        var digits = password.Where(char.IsAsciiDigit).ToArray();
        var text = digits.Length >= password.Length - 1 ? new string(digits) : password;
        return text.Zip(text.Skip(1), (a, b) => b - a).Select(step => step is -9 ? 1 : step).Distinct().Count() == 1;
    }

    private static bool IsKnownWord(string password)
    {
        var end = password.Length;
        while (end > 0 && !char.IsLetter(password[end - 1])) end--;
        if (Words.Contains(Letters(password[..end]))) return true;
        // P@$$w0rd: the characters that were cut may stand for letters. A word written twice counts as that word.
        // 1q2w3e4r is a row of keys.
        var letters = string.Concat(password.Where(char.IsLetter));
        return Words.Contains(Letters(password)) || (end > 0 && Words.Contains(letters))
            || "1q2w3e4r5t6y7u8i9o0p".StartsWith(password, StringComparison.OrdinalIgnoreCase);
    }

    private static string Letters(string text) => string.Concat(text.Select(c => c switch
    {
        '0' => 'o',
        '1' or '!' => 'i',
        '3' => 'e',
        '4' or '@' => 'a',
        '5' or '$' => 's',
        _ => c,
    }).Where(char.IsLetter));
}
