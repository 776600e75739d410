namespace Vigia.Portal.Components.MyAccount;

/// <summary>Names the resources of Mi cuenta.</summary>
public sealed class MyAccountText;
