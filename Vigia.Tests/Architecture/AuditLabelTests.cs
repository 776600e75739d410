using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Vigia.Tests.Architecture;

/// <summary>Each value of an audit record has a label, on the page and on paper, in both languages.</summary>
public sealed partial class AuditLabelTests
{
    // These files write the same kind of dictionary for something else: tokens of users, arguments, bytes of a field.
    private static readonly string[] NoRecords =
    [
        "Registry/Audit/AuditedMessage.cs", "Tenants/TenantField.cs", "TenantSide/TenantTokens.cs",
    ];

    [Theory]
    [InlineData(".resx")]
    [InlineData(".en.resx")]
    public void Values_OfEveryRecord_HaveALabel(string language)
    {
        var labels = SourceFiles.Of("Vigia.Portal/Components", $"*{language}")
            .Where(file => language != ".resx" || !file.EndsWith(".en.resx", StringComparison.Ordinal))
            .SelectMany(file => XDocument.Load(file).Descendants("data"))
            .Select(data => data.Attribute("name")!.Value).ToHashSet();
        var keys = SourceFiles.Of("Vigia.Core", "*.cs")
            .Select(file => (
                Name: SourceFiles.RelativePath(file)["Vigia.Core/".Length..], Text: File.ReadAllText(file)))
            .Where(file => !NoRecords.Contains(file.Name))
            .SelectMany(file => Keys(file.Text).Select(key => (file.Name, Key: key))).ToList();

        Assert.True(keys.Count > 100, $"{keys.Count} values found");
        Assert.Equal([], keys.Where(key => !labels.Contains($"Field_{key.Key}")).Distinct());
    }

    private static IEnumerable<string> Keys(string source) =>
        (source.Contains("object?>", StringComparison.Ordinal)
            || source.Contains("AuditEntry(", StringComparison.Ordinal)
            ? Entry().Matches(source) : Enumerable.Empty<Match>())
        .Concat(source.Contains("StaffRecord.", StringComparison.Ordinal) ? Pair().Matches(source) : [])
        .Select(match => match.Groups[1].Value);

    // An entry of an initializer: ["name"] = value. An indexer has a name or a bracket in front.
    [GeneratedRegex("""(?<![\w\]?])\["([a-z_]+)"\]\s*=[^=>]""")]
    private static partial Regex Entry();

    [GeneratedRegex("""new\("([a-z_]+)",""")]
    private static partial Regex Pair();
}
