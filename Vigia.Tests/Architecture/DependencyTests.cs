using System.Reflection;
using System.Text.RegularExpressions;
using Vigia.Core;
using Vigia.Portal;

namespace Vigia.Tests.Architecture;

/// <summary>A class has at most five dependencies, or says why it has more.</summary>
public sealed partial class DependencyTests
{
    private const int Most = 5;

    /// <summary>
    /// A class with more parameters in its constructor has a comment directly above it:
    /// <c>// More than five dependencies: </c> and the reason.
    /// </summary>
    [Fact]
    public void Classes_WithMoreThanFiveDependencies_SayWhy()
    {
        var explained = Explained();
        var many = Classes().Where(type => Dependencies(type) > Most).Select(type => type.Name).ToList();

        Assert.Equal([], many.Where(name => !explained.Contains(name)));
    }

    [Fact]
    public void Classes_ThatSayWhy_HaveMoreThanFiveDependencies()
    {
        var many = Classes().Where(type => Dependencies(type) > Most).Select(type => type.Name).ToHashSet();

        Assert.Equal([], Explained().Where(name => !many.Contains(name)));
    }

    /// <summary>A class that only hands on its dependencies hides how many its users have.</summary>
    [Fact]
    public void Classes_ThatOnlyPassOnTheirDependencies_DoNotExist()
    {
        var bags =
            from type in Classes()
            let parameters = type.GetConstructors(Any).SelectMany(c => c.GetParameters())
                .Select(p => p.ParameterType).ToHashSet()
            let handedOn = type.GetProperties(Any | BindingFlags.DeclaredOnly)
                .Count(p => p.SetMethod is null && parameters.Contains(p.PropertyType) && IsService(p.PropertyType))
            where handedOn > 1
            select type.Name;

        Assert.Equal([], bags);
    }

    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>The classes of Vigia.Core and of the portal that may have dependencies.</summary>
    internal static IEnumerable<Type> Classes() =>
        from assembly in new[] { typeof(VigiaCore).Assembly, typeof(PortalUrls).Assembly }
        from type in assembly.GetTypes()
        where type is { IsClass: true, Namespace: not null } && !IsRecord(type) && !type.Name.Contains('<')
        where !type.IsSubclassOf(typeof(Exception)) && !type.IsSubclassOf(typeof(Attribute))
        select type;

    private static bool IsRecord(Type type) => type.GetMethod("<Clone>$") is not null;

    private static bool IsService(Type type) =>
        type.IsInterface || (type.IsClass && !IsRecord(type)
            && type.Namespace?.StartsWith("Vigia.", StringComparison.Ordinal) == true);

    /// <summary>The number of parameters of the class's largest constructor.</summary>
    internal static int Dependencies(Type type) =>
        type.GetConstructors(Any).Select(c => c.GetParameters().Length).DefaultIfEmpty().Max();

    private static HashSet<string> Explained() =>
    [
        .. from project in new[] { "Vigia.Core", "Vigia.Portal" }
           from file in SourceFiles.Of(project, "*.cs")
           from Match reason in Reason().Matches(File.ReadAllText(file))
           select reason.Groups[1].Value,
    ];

    [GeneratedRegex(@"^ *// More than five dependencies: \w.*\n(?: *// .*\n)*(?: *\[.*\n)*[\w ]*\bclass (\w+)",
        RegexOptions.Multiline)]
    private static partial Regex Reason();
}
