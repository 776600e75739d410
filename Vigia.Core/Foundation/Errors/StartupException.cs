namespace Vigia.Core.Foundation.Errors;

/// <summary>
/// The program can't start for a reason that a person can correct. Only the message is shown, without a stack trace.
/// </summary>
/// <param name="message">A few lines: what is wrong and what to do. Contains no password.</param>
public sealed class StartupException(string message) : Exception(message)
{
    public StartupException(IReadOnlyList<SettingProblem> problems)
        : this(SettingProblem.Describe(problems))
    {
    }

    /// <summary>EX_CONFIG of sysexits.h.</summary>
    public const int ExitCode = 78;
}
