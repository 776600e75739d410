using Microsoft.Extensions.Options;
using Vigia.Core.Registry.Plans;
using Vigia.Core.Tenants;

namespace Vigia.Portal.Components.Tenants;

/// <summary>The registry's services that the pages about tenants use together.</summary>
public sealed class TenantServicesOfPage(
    TenantSearch search, TenantRegistration registration, TenantEditing editing, TenantActivation activation,
    PlanCatalog plans, IOptions<DemoOptions> demo)
{
    public TenantSearch Search => search;

    public TenantRegistration Registration => registration;

    public TenantEditing Editing => editing;

    public TenantActivation Activation => activation;

    public PlanCatalog Plans => plans;

    public IOptions<DemoOptions> Demo => demo;
}
