namespace Vigia.Portal.Components.Account;

/// <summary>The frame of the pages before and beside the portal: static, plain controls, no circuit.</summary>
public sealed partial class AccountLayout;
