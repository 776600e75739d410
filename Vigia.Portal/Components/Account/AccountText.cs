namespace Vigia.Portal.Components.Account;

/// <summary>Names the resources of the account pages.</summary>
public sealed class AccountText;
