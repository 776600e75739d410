using System.Reflection;
using Microsoft.Extensions.Localization;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// Marks the class of a feature's texts that name its kinds of operations (<c>Kind_…</c>, <c>Step_…</c>), its audited
/// actions (<c>tenant.…</c>, <c>Action_tenant.…</c>) and its rights (<c>Right_…</c>). The pages that list operations,
/// audit records and rights find the names there.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class HasNamesAttribute : Attribute;

/// <summary>The classes of texts that have names.</summary>
public static class FeatureNames
{
    public static IReadOnlyList<Type> Sources { get; } =
        [.. typeof(FeatureNames).Assembly.GetTypes().Where(type => type.IsDefined(typeof(HasNamesAttribute)))];
}

/// <summary>The texts of a page, and behind them the names that features bring along.</summary>
public sealed class FeatureNames<T>(IStringLocalizerFactory factory) : IStringLocalizer<T>
{
    private readonly IReadOnlyList<IStringLocalizer> _texts =
        [.. FeatureNames.Sources.Prepend(typeof(T)).Select(factory.Create)];

    public LocalizedString this[string name] => Find(texts => texts[name]);

    public LocalizedString this[string name, params object[] arguments] => Find(texts => texts[name, arguments]);

    public IEnumerable<LocalizedString> GetAllStrings(bool includeParentCultures) =>
        _texts.SelectMany(texts => texts.GetAllStrings(includeParentCultures)).DistinctBy(text => text.Name);

    private LocalizedString Find(Func<IStringLocalizer, LocalizedString> read)
    {
        var own = read(_texts[0]);
        return own.ResourceNotFound
            ? _texts.Skip(1).Select(read).FirstOrDefault(text => !text.ResourceNotFound) ?? own : own;
    }
}
