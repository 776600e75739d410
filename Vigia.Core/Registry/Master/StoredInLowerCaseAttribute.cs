namespace Vigia.Core.Registry.Master;

/// <summary>The master database stores the values of this enumeration as their lower-case names.</summary>
[AttributeUsage(AttributeTargets.Enum)]
public sealed class StoredInLowerCaseAttribute : Attribute;
