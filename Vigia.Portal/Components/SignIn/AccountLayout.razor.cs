namespace Vigia.Portal.Components.SignIn;

/// <summary>The layout of the account pages: static, plain controls, no circuit.</summary>
public sealed partial class AccountLayout;
