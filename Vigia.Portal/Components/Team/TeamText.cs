namespace Vigia.Portal.Components.Team;

/// <summary>Names the resources of the pages about staff.</summary>
public sealed class TeamText;
