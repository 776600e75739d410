namespace Vigia.Portal.Components.Audit;

/// <summary>Names the resources of the audit trail.</summary>
public sealed class AuditText;
