using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Foundation.Configuration;

/// <summary>
/// Checks a section of appsettings.json against its options class: every name exists, every value converts, and the
/// DataAnnotations of the class hold. The framework's own validation stops at the first value that does not convert and
/// shows a stack trace.
/// </summary>
public static class SettingsSection
{
    /// <summary>
    /// Adds all problems in section <paramref name="name"/> to the list. The examples come from
    /// <see cref="SettingExampleAttribute"/>, else from the defaults of the class.
    /// </summary>
    public static void Check<TOptions>(IConfiguration configuration, string name, List<SettingProblem> problems)
        where TOptions : class, new()
    {
        var section = configuration.GetSection(name);
        var options = new TOptions();
        var properties = typeof(TOptions).GetProperties().Where(p => p.SetMethod is { IsPublic: true })
            .ToDictionary(p => p.Name, StringComparer.OrdinalIgnoreCase);
        var examples = properties.ToDictionary(
            p => p.Key, p => p.Value.GetCustomAttribute<SettingExampleAttribute>()?.Example
            ?? Show(p.Value.GetValue(options)), StringComparer.OrdinalIgnoreCase);

        foreach (var entry in section.GetChildren())
        {
            if (SecretFiles.IsFileOf(entry.Path))
                continue;
            if (!properties.TryGetValue(entry.Key, out var property))
                problems.Add(new SettingProblem(
                    $"{name}:{entry.Key}", $"there is no such setting; there are {string.Join(", ", properties.Keys)}",
                    Show(examples.Values.FirstOrDefault())));
            else if (entry.Value is { } text && !TrySet(options, property, text))
                problems.Add(new SettingProblem(
                    $"{name}:{property.Name}", $"\"{text}\" is not {KindOf(property.PropertyType)}",
                    examples[property.Name]));
        }

        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        foreach (var result in results)
        {
            var member = result.MemberNames.FirstOrDefault() ?? properties.Keys.First();
            problems.Add(new SettingProblem(
                $"{name}:{member}", result.ErrorMessage ?? "it is out of range", examples[member]));
        }
    }

    private static bool TrySet(object options, PropertyInfo property, string text)
    {
        try
        {
            property.SetValue(options,
                TypeDescriptor.GetConverter(property.PropertyType)
                .ConvertFromString(null, CultureInfo.InvariantCulture, text));
            return true;
        }
        catch (Exception e) when (
            e is FormatException or ArgumentException or NotSupportedException or OverflowException)
        {
            return false;
        }
    }

    private static string KindOf(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var t when t == typeof(int) || t == typeof(long) => "a whole number",
        var t when t == typeof(bool) => "true or false",
        var t when t == typeof(TimeSpan) => "a time span",
        var t when t.IsEnum => $"one of {string.Join(", ", Enum.GetNames(t))}",
        var t => $"a {t.Name}",
    };

    private static string Show(object? value) =>
        Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text ? text : "text";
}
