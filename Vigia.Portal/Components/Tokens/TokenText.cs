namespace Vigia.Portal.Components.Tokens;

/// <summary>Names the resources of the pages about API tokens.</summary>
public sealed class TokenText;
