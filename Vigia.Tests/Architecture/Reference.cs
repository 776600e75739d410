namespace Vigia.Tests.Architecture;

/// <summary>A use of one piece of code by another.</summary>
/// <param name="Origin">The full name of the namespace that uses the other one.</param>
/// <param name="Target">The full name of the namespace that is used, or of a type if only that is known.</param>
/// <param name="Where">The type or file of the origin, for the message.</param>
internal sealed record Reference(string Origin, string Target, string Where);
