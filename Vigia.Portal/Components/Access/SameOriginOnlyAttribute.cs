namespace Vigia.Portal.Components.Access;

/// <summary>
/// Marks an address that does something although it is a GET, such as an export, which writes a record, or the way to
/// the identity provider. Only the portal's own pages may open it, so that no other site can act in a person's name.
/// See <see cref="SameOriginRequests"/>.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class SameOriginOnlyAttribute : Attribute;
