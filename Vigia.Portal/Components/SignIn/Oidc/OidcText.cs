namespace Vigia.Portal.Components.SignIn.Oidc;

/// <summary>Names the resources of signing in through the company's identity provider.</summary>
public sealed class OidcText;
