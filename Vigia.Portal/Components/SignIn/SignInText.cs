namespace Vigia.Portal.Components.SignIn;

/// <summary>Names the resources of the account pages.</summary>
public sealed class SignInText;
