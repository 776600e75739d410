using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Text;

namespace Vigia.Core.TenantSide;

/// <summary>
/// Passwords of tenants' users: bcrypt in the form that the product's back end writes and reads (<c>$2b$</c>, passlib).
/// At most one bcrypt for each processor runs at once. The others wait without a thread, so that a flood of sign-ins
/// does not stop everything else.
/// State of the process: how many are running.
/// </summary>
public sealed partial class TenantPasswords(IOptions<TenantSideOptions> options) : IDisposable
{
    /// <summary>The shortest password that the product accepts, in characters.</summary>
    public const int Shortest = 6;

    /// <summary>The longest password, in bytes of UTF-8. bcrypt ignores what comes after it.</summary>
    public const int MostBytes = 72;

    // A hash of a higher cost would keep a processor busy for minutes.
    private const int HighestCost = 16;

    private readonly int _cost = options.Value.BcryptCost;
    private readonly SemaphoreSlim _turns = new(Environment.ProcessorCount);

    // Checking against this hash takes as long as against a real one.
    private readonly Lazy<string> _nobodys = new(() => HashAt(
        options.Value.BcryptCost, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))));

    /// <summary>Is told of each hash that a password is checked against. For tests.</summary>
    internal Action<string>? Checking { get; set; }

    /// <summary>Is told before a new password is hashed. For tests.</summary>
    internal Action? Hashing { get; set; }

    public void Dispose() => _turns.Dispose();

    /// <summary>Says what is wrong with a new password. Null when nothing is.</summary>
    public static Message? Problem(string password)
    {
        if (SafeText.Problem(password) is { } problem)
        {
            return problem;
        }

        var normal = SafeText.Normalize(password);
        return normal.EnumerateRunes().Count() < Shortest || Encoding.UTF8.GetByteCount(normal) > MostBytes
            ? new Message("tenant_password_length") : null;
    }

    /// <summary>Hashes a new password in NFC, which is what keyboards type almost everywhere.</summary>
    public Task<string> HashAsync(string password, CancellationToken cancellationToken) =>
        InTurnAsync(
            () =>
            {
                Hashing?.Invoke();
                return HashAt(_cost, SafeText.Normalize(password));
            }, cancellationToken);

    /// <summary>
    /// Checks a password. The work is the same when there is no hash, so that the time of the answer does not reveal
    /// which names exist.
    /// </summary>
    /// <param name="hash">The stored hash. Null when nobody has the name, or the account may not sign in.</param>
    /// <param name="password">The password as it was typed.</param>
    /// <param name="cancellationToken">Ends the wait for a turn.</param>
    public Task<bool> VerifyAsync(string? hash, string password, CancellationToken cancellationToken) =>
        InTurnAsync(() => Verify(hash, password), cancellationToken);

    private bool Verify(string? hash, string password)
    {
        var cost = hash is not null && Bcrypt().Match(hash) is { Success: true } match
            ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
        var isKnown = cost is > 0 and <= HighestCost;

        // The product hashes what was typed. Some systems type ñ as two code points, so both forms may be right.
        var forms = new[] { SafeText.Normalize(password), password }.Distinct(StringComparer.Ordinal).ToList();
        var isRight = isKnown && forms.Exists(form => Check(form, hash!));
        if (!isRight && (!isKnown || cost < _cost))
        {
            forms.ForEach(form => Check(form, _nobodys.Value));
        }

        return isRight;
    }

    private bool Check(string password, string hash)
    {
        Checking?.Invoke(hash);
        return BCrypt.Net.BCrypt.Verify(password, hash);
    }

    private async Task<T> InTurnAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(cancellationToken);
        try
        {
            return work();
        }
        finally
        {
            _turns.Release();
        }
    }

    private static string HashAt(int cost, string password) =>
        BCrypt.Net.BCrypt.HashPassword(password, BCrypt.Net.BCrypt.GenerateSalt(cost, 'b'));

    [GeneratedRegex(@"^\$2[aby]\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{53}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Bcrypt();
}
