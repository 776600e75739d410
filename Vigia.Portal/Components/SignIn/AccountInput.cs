namespace Vigia.Portal.Components.SignIn;

/// <summary>Checks the input of the account forms.</summary>
internal static class AccountInput
{
    /// <summary>The longest text in UTF-16 units.</summary>
    public const int Longest = 256;

    /// <summary>Whether a text can be stored and compared: limited length, no NUL, no lone surrogate.</summary>
    public static bool IsSound(string text)
    {
        if (text.Length > Longest || text.Contains('\0', StringComparison.Ordinal))
        {
            return false;
        }

        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogatePair(text, i))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                return false;
            }
        }

        return true;
    }
}
