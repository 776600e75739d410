namespace Vigia.Portal.Components.Dashboard;

/// <summary>Names the resources of the dashboard.</summary>
public sealed class DashboardText;
