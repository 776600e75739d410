namespace Vigia.Portal.Components.Access;

/// <summary>
/// Marks a page that a locked sign-in may still request: only the way to unlock it, and nothing that shows data.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class WhileLockedAttribute : Attribute;
