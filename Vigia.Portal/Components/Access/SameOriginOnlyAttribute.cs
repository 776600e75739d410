namespace Vigia.Portal.Components.Access;

/// <summary>
/// Marks an address that writes a record although it is a GET, such as an export. Only the portal's own pages may open
/// it, so that no other site can write in a person's name. See <see cref="SameOriginRequests"/>.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class SameOriginOnlyAttribute : Attribute;
