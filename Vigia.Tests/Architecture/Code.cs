using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using Vigia.Core;
using Vigia.Portal;
using Assembly = System.Reflection.Assembly;

namespace Vigia.Tests.Architecture;

/// <summary>
/// The references in the compiled code and in the sources. The sources are needed because constants and <c>nameof</c>
/// leave no trace in compiled code.
/// </summary>
internal static class Code
{
    private static readonly Lazy<IReadOnlyList<Reference>> Compiled = new(ReadCompiled);

    /// <summary>The types that the compiled types of Vigia.Core and of the portal use.</summary>
    public static IReadOnlyList<Reference> CompiledReferences => Compiled.Value;

    /// <summary>The references in the sources of a project. See <see cref="SourceText"/>.</summary>
    public static IReadOnlyList<Reference> SourceReferences(string project) =>
    [
        .. SourceFiles.Of(project, "*.cs").Concat(SourceFiles.Of(project, "*.razor")).SelectMany(
            file => SourceText.References(SourceFiles.RelativePath(file), File.ReadAllText(file))),
    ];

    /// <summary>The types that the compiled types of one namespace of these tests use.</summary>
    public static IReadOnlyList<Reference> SampleReferences(string name) => Read(
        new ArchLoader().LoadNamespacesWithinAssembly(typeof(Code).Assembly, name).Build());

    private static List<Reference> ReadCompiled()
    {
        Assembly[] assemblies = [typeof(VigiaCore).Assembly, typeof(PortalUrls).Assembly];
        return Read(new ArchLoader().LoadAssemblies(assemblies).Build());
    }

    private static List<Reference> Read(ArchUnitNET.Domain.Architecture architecture) =>
    [
        .. architecture.Types.SelectMany(type => type.Dependencies, (type, dependency) => new Reference(
            type.Namespace.FullName, NameOf(dependency.Target), type.FullName)).Distinct(),
    ];

    private static string NameOf(IType type) => type.FullName;
}
