namespace Vigia.Portal.Components.Diagnosis;

/// <summary>Names the resources of the texts about why a request does or does not reach a tenant's database.</summary>
public sealed class DiagnosisText;
