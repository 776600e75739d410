using System.Text.RegularExpressions;

namespace Vigia.Tests.Architecture;

/// <summary>Components take their services in the constructor, as every other class does.</summary>
public sealed partial class ComponentTests
{
    [Fact]
    public void CodeBehind_Services_ComeInTheConstructor()
    {
        var files = SourceFiles.Of("Vigia.Portal", "*.cs").ToList();

        Assert.True(files.Count > 200, $"{files.Count} files found");
        Assert.Equal([], files.Where(file => InjectAttribute().IsMatch(File.ReadAllText(file)))
            .Select(SourceFiles.RelativePath));
    }

    /// <summary>The texts are for the markup. All other services are for the code.</summary>
    [Fact]
    public void MarkupWithCodeBehind_InjectsTextsOnly()
    {
        var wrong =
            from file in SourceFiles.Of("Vigia.Portal", "*.razor")
            where File.Exists(file + ".cs")
            from Match inject in InjectDirective().Matches(File.ReadAllText(file))
            where !inject.Groups[1].Value.StartsWith("IStringLocalizer<", StringComparison.Ordinal)
            select $"{SourceFiles.RelativePath(file)}: {inject.Groups[1].Value}";

        Assert.Equal([], wrong);
    }

    [GeneratedRegex(@"\[(?:[\w.]+, )*Inject(?:Attribute)?(?:\(|\]|,)")]
    private static partial Regex InjectAttribute();

    [GeneratedRegex(@"^@inject (\S+)", RegexOptions.Multiline)]
    private static partial Regex InjectDirective();
}
