namespace Vigia.Portal.Components.Approvals;

/// <summary>Names the resources of approvals.</summary>
public sealed class ApprovalText;
