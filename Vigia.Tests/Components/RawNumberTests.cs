using System.Reflection;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components;

/// <summary>
/// No component renders a number as it is: 100000 would stand beside 100,000. Numbers are formatted
/// (<see cref="ListTurns.Number"/>) or go through a text.
/// </summary>
public sealed class RawNumberTests
{
    private const BindingFlags All = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public
        | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private const byte Box = 0x8C;
    private const byte LoadString = 0x72;
    private static readonly byte[] Calls = [0x28, 0x6F];

    private static readonly HashSet<Type> Numbers =
        [typeof(int), typeof(long), typeof(int?), typeof(long?), typeof(double), typeof(double?)];

    // The attributes that people read or hear.
    private static readonly string[] Read = ["data-text", "aria-label", "title"];

    [Fact]
    public void Components_Numbers_AreFormatted()
    {
        var methods = typeof(SharedText).Assembly.GetTypes().Where(IsOfComponent)
            .SelectMany(type => type.GetMethods(All)).Where(method => method.GetMethodBody() is not null).ToList();

        Assert.True(methods.Count > 1000, $"{methods.Count} methods found");
        Assert.Equal([], methods.Where(RendersNumber).Select(m => $"{m.DeclaringType!.FullName}.{m.Name}"));
    }

    [Fact]
    public void RawNumber_InMarkup_IsReported()
    {
        Assert.True(RendersNumber(typeof(Raw).GetMethod(nameof(Raw.InContent), All)!));
        Assert.True(RendersNumber(typeof(Raw).GetMethod(nameof(Raw.InAttribute), All)!));
        Assert.False(RendersNumber(typeof(Raw).GetMethod(nameof(Raw.Formatted), All)!));
    }

    // Closures and iterators of a component are types inside it.
    private static bool IsOfComponent(Type type) => typeof(ComponentBase).IsAssignableFrom(type)
        || (type.DeclaringType is { } outer && IsOfComponent(outer));

    // The compiler boxes a number right before the call that renders it.
    private static bool RendersNumber(MethodInfo method)
    {
        var code = method.GetMethodBody()!.GetILAsByteArray()!;
        for (var i = 0; i + 9 < code.Length; i++)
        {
            if (code[i] == Box && Calls.Contains(code[i + 5])
                && Resolve(method, code, i, (module, token, of) => module.ResolveType(token, of, null)) is { } boxed
                && Numbers.Contains(boxed)
                && Resolve(method, code, i + 5, (module, token, of) => module.ResolveMethod(token, of, null)) is
                { } called && called.DeclaringType == typeof(RenderTreeBuilder)
                && (called.Name == nameof(RenderTreeBuilder.AddContent)
                    || (called.Name == nameof(RenderTreeBuilder.AddAttribute)
                        && Read.Contains(NameBefore(method, code, i)))))
            {
                return true;
            }
        }

        return false;
    }

    private static string? NameBefore(MethodInfo method, byte[] code, int end)
    {
        for (var i = end - 5; i >= 0; i--)
        {
            if (code[i] == LoadString
                && Resolve(method, code, i, (module, token, _) => module.ResolveString(token)) is { } name)
            {
                return name;
            }
        }

        return null;
    }

    // Null where the byte is no instruction but a part of another.
    private static T? Resolve<T>(MethodInfo method, byte[] code, int at, Func<Module, int, Type[]?, T?> resolve)
        where T : class
    {
        try
        {
            var of = method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
            return resolve(method.Module, BitConverter.ToInt32(code, at + 1), of);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static class Raw
    {
        public static void InContent(RenderTreeBuilder builder, int count) => builder.AddContent(0, count);

        public static void InAttribute(RenderTreeBuilder builder, int? count) =>
            builder.AddAttribute(0, "data-text", count);

        public static void Formatted(RenderTreeBuilder builder, int count) =>
            builder.AddContent(0, ListTurns.Number(count));
    }
}
