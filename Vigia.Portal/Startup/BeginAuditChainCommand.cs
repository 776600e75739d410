using System.Globalization;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Audit;

namespace Vigia.Portal.Startup;

/// <summary>
/// <c>begin-audit-chain</c>. It runs only on the server's console, so that no page is enough to abandon a tampered
/// chain (docs/operate.md).
/// </summary>
internal static class BeginAuditChainCommand
{
    private const string Reason = "--reason";
    private const string Head = "--head";

    /// <exception cref="StartupException">
    /// The settings or arguments are wrong, or the master can't be reached.
    /// </exception>
    internal static Task RunAsync(
        string[] args, Func<string[], IConfiguration> configure, CancellationToken cancellationToken)
    {
        var (reason, head, others) = (Value(args, Reason), Value(args, Head), Others(args));
        if (string.IsNullOrWhiteSpace(reason))
        {
            throw new StartupException(
                "begin-audit-chain is recorded with its reason.\n"
                + "Run it with: Vigia.Portal begin-audit-chain --reason \"why\"");
        }

        var kept = head is null ? null : Parse(head)
            ?? throw new StartupException($"{Head} takes a head as it was exported: its seq, a space, its hash.");
        return MasterCommand.RunAsync("begin-audit-chain", configure(others), async services =>
        {
            var begun = await services.GetRequiredService<AuditChains>().BeginAsync(reason, kept, cancellationToken);
            await Console.Out.WriteLineAsync(
                $"Chain {begun.Chain} begins with record {begun.FirstSeq} and seals the {begun.SealedRows} record(s) "
                + "before it as they are now.\n"
                + $"Its public key has the fingerprint {begun.Fingerprint} (SHA-256). "
                + "Running portals continue with it by themselves.");
        }, cancellationToken);
    }

    private static string? Value(string[] args, string name) =>
        Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

    private static string[] Others(string[] args)
    {
        var taken = new[] { Reason, Head }.Select(name => Array.IndexOf(args, name)).Where(at => at >= 0)
            .SelectMany(at => new[] { at, at + 1 }).ToHashSet();
        return [.. args.Where((_, at) => !taken.Contains(at))];
    }

    private static AuditHeadMark? Parse(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var seq, { Length: 64 } hash]
        && long.TryParse(seq, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && hash.All(char.IsAsciiHexDigit) ? new AuditHeadMark(number, hash) : null;
}
