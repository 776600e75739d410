namespace Vigia.Portal.Components.Sessions;

/// <summary>Names the resources of sessions and their lock.</summary>
public sealed class SessionText;
