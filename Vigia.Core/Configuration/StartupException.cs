namespace Vigia.Core.Configuration;

/// <summary>The program can't start for a reason that a person can mend. Shown as its message alone, without a stack trace.</summary>
/// <param name="message">A few lines: what is wrong and what to do; no password in it.</param>
public sealed class StartupException(string message) : Exception(message)
{
    public StartupException(IReadOnlyList<SettingProblem> problems)
        : this(SettingProblem.Describe(problems))
    {
    }

    /// <summary>EX_CONFIG of sysexits.h.</summary>
    public const int ExitCode = 78;
}
