using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Adoption;

/// <summary>Names the resources of the texts about adopted databases.</summary>
[HasNames]
public sealed class AdoptionText;
