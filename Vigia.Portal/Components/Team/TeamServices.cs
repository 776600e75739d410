using Vigia.Core.Staff;

namespace Vigia.Portal.Components.Team;

/// <summary>The services about staff as the dangerous section uses them together.</summary>
public sealed class TeamServices(StaffDirectory directory, StaffChanges changes, StaffSafety safety)
{
    public StaffDirectory Directory => directory;

    public StaffChanges Changes => changes;

    public StaffSafety Safety => safety;
}
