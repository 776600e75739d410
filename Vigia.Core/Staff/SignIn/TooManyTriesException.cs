using System.Globalization;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Staff.SignIn;

/// <summary>
/// There were too many wrong tries, so this one was not looked at. <paramref name="wait"/> is the time until the next
/// one is.
/// </summary>
public sealed class TooManyTriesException(TimeSpan wait) : RuleException(
    "too_many_tries", Math.Max(1, (int)Math.Ceiling(wait.TotalMinutes)).ToString(CultureInfo.InvariantCulture))
{
    public TimeSpan Wait { get; } = wait;
}
