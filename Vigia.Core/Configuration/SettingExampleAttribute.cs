namespace Vigia.Core.Configuration;

/// <summary>A value that would do, for a setting whose default says nothing; shown when the value is wrong.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SettingExampleAttribute(string example) : Attribute
{
    public string Example { get; } = example;
}
