using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Configuration;

namespace Vigia.Core.Registry.Audit;

/// <summary>A signed head in the folder.</summary>
/// <param name="Name">The name of the file.</param>
/// <param name="Head">The content. Null when it can't be read.</param>
/// <param name="Statement">The bytes of the file.</param>
/// <param name="Signature">The signature from the file beside it.</param>
internal sealed record ExportedHead(string Name, AuditHeadOfChain? Head, byte[] Statement, byte[] Signature);

/// <summary>
/// Stores signed heads in a folder where the database's owner can't change them: <c>head-CHAIN-SEQ.txt</c>, its
/// signature <c>.sig</c>, and the chain's public key <c>chain-CHAIN.pem</c>. Anybody can check them with openssl,
/// without the portal's secret.
/// </summary>
public sealed partial class AuditHeadFolder(
    IOptions<AuditOptions> options, VigiaSettings settings, ILogger<AuditHeadFolder> logger)
{
    /// <summary>The folder. Null when heads are not exported to a folder.</summary>
    public string? Folder => options.Value.HeadFolder is { Length: > 0 } folder ? folder
        : settings.UsesPrivateCluster ? Path.Combine(settings.DataDirectory, "audit-heads") : null;

    /// <summary>Reads the latest exported head. Null when there is none.</summary>
    public AuditHeadOfChain? Latest()
    {
        try
        {
            return Read().Select(exported => exported.Head)
                .Aggregate((AuditHeadOfChain?)null, (latest, head) => head?.IsAfter(latest) == true ? head : latest);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogUnreadable(logger, Folder, e.Message);
            return null;
        }
    }

    /// <summary>Reads all exported heads.</summary>
    internal IEnumerable<ExportedHead> Read()
    {
        if (Folder is not { } folder || !Directory.Exists(folder))
        {
            yield break;
        }

        foreach (var path in Directory.EnumerateFiles(folder, "head-*.txt").Order(StringComparer.Ordinal))
        {
            var (statement, signature) = (File.ReadAllBytes(path), Path.ChangeExtension(path, ".sig"));
            yield return new ExportedHead(
                Path.GetFileName(path), Parse(Encoding.ASCII.GetString(statement)), statement,
                File.Exists(signature) ? File.ReadAllBytes(signature) : []);
        }
    }

    /// <summary>Writes a signed head into the folder. An existing file is not changed.</summary>
    internal void Write(AuditHead head, AuditKeys keys)
    {
        if (Folder is not { } folder)
        {
            return;
        }

        Directory.CreateDirectory(folder);
        var name = string.Create(CultureInfo.InvariantCulture, $"head-{head.Chain:D4}-{head.Seq:D12}");
        WriteOnce(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"chain-{head.Chain:D4}.pem")),
            Encoding.ASCII.GetBytes(Pem(keys.PublicKey)));

        // The signature is written first, because a statement without one would look altered.
        WriteOnce(Path.Combine(folder, name + ".sig"), head.Signature!);
        WriteOnce(Path.Combine(folder, name + ".txt"), head.Statement());
    }

    internal static string Pem(byte[] publicKey) => PemEncoding.WriteString("PUBLIC KEY", publicKey) + "\n";

    // The file appears as a whole, because the process may be killed while it writes.
    private static void WriteOnce(string path, byte[] content)
    {
        if (File.Exists(path))
        {
            return;
        }

        var part = $"{path}.{Guid.NewGuid():N}.part";
        using (var file = new FileStream(part, FileMode.CreateNew))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(part, path, overwrite: true);
    }

    private static AuditHeadOfChain? Parse(string statement) => Statement().Match(statement) is { Success: true } match
        && int.TryParse(match.Groups["chain"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var chain)
        && long.TryParse(match.Groups["seq"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var seq)
            ? new AuditHeadOfChain(
                chain, Guid.Parse(match.Groups["id"].Value), new AuditHeadMark(seq, match.Groups["hash"].Value)) : null;

    [GeneratedRegex(
        @"^vigia audit head\nchain: (?<chain>[0-9]+) (?<id>[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})\n"
        + @"first: [0-9]+\nseq: (?<seq>[0-9]+)\nhash: (?<hash>[0-9A-F]{64})\nat: \S+\n\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Statement();

    [LoggerMessage(Level = LogLevel.Error,
        Message = "The exported heads of the audit trail in {Folder} can't be read: {Reason}")]
    private static partial void LogUnreadable(ILogger logger, string? folder, string reason);
}
