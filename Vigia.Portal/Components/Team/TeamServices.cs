using Vigia.Core.Staff.Team;

namespace Vigia.Portal.Components.Team;

/// <summary>The services about staff that the section with dangerous actions uses together.</summary>
public sealed class TeamServices(
    StaffDirectory directory, StaffChanges changes, StaffSafety safety, StaffRequests requests)
{
    public StaffDirectory Directory => directory;

    public StaffChanges Changes => changes;

    public StaffSafety Safety => safety;

    public StaffRequests Requests => requests;
}
