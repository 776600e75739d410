namespace Vigia.Portal.Components.Welcome;

/// <summary>The texts of the page of an invitation.</summary>
public sealed class WelcomeText;
