using System.Text.RegularExpressions;
using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using Vigia.Core;
using Vigia.Portal;
using Assembly = System.Reflection.Assembly;

namespace Vigia.Tests.Architecture;

/// <summary>
/// The references in the compiled code and in the sources. The sources are needed because constants leave no trace in
/// compiled code.
/// </summary>
internal static partial class Code
{
    private static readonly Lazy<IReadOnlyList<Reference>> Compiled = new(ReadCompiled);

    /// <summary>The types that the compiled types of Vigia.Core and of the portal use.</summary>
    public static IReadOnlyList<Reference> CompiledReferences => Compiled.Value;

    /// <summary>The namespaces in the <c>using</c> lines of a project.</summary>
    public static IEnumerable<Reference> Usings(string project) => SourceFiles.Of(project, "*.cs").SelectMany(file =>
    {
        var text = File.ReadAllText(file);
        var origin = NamespaceLine().Match(text).Groups[1].Value;
        return UsingLine().Matches(text)
            .Select(m => new Reference(origin, m.Groups[1].Value, SourceFiles.RelativePath(file)));
    });

    private static List<Reference> ReadCompiled()
    {
        Assembly[] assemblies = [typeof(VigiaCore).Assembly, typeof(PortalUrls).Assembly];
        var architecture = new ArchLoader().LoadAssemblies(assemblies).Build();
        return
        [
            .. architecture.Types.SelectMany(type => type.Dependencies, (type, dependency) => new Reference(
                type.Namespace.FullName, NameOf(dependency.Target), type.FullName)).Distinct(),
        ];
    }

    private static string NameOf(IType type) => type.FullName;

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"^using (?:static )?(?:\w+ = )?([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex UsingLine();
}
