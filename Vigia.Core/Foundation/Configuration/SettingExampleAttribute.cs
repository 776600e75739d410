namespace Vigia.Core.Foundation.Configuration;

/// <summary>
/// A valid example value for a setting whose default is no useful example. Shown when the value is wrong.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SettingExampleAttribute(string example) : Attribute
{
    public string Example { get; } = example;
}
