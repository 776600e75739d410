using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.ServiceAccounts;

/// <summary>Names the resources of the pages about service accounts.</summary>
[HasNames]
public sealed class ServiceText;
